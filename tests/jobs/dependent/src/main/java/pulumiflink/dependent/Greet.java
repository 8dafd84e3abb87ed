package pulumiflink.dependent;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import pulumiflink.library.Greeting;

/** Greets once, and then lets a hundred records a second through. */
final class Greet extends RichMapFunction<Long, Long> {
    private static final long serialVersionUID = 1L;
    private static final long PAUSE_MS = 10;

    private final String output;

    Greet(String output) {
        this.output = output;
    }

    @Override
    public void open(OpenContext context) throws Exception {
        ClassLoader loader = getRuntimeContext().getUserCodeClassLoader();
        Files.writeString(Path.of(output, "task.txt"), Greeting.fromResource(loader));
    }

    @Override
    public Long map(Long value) throws InterruptedException {
        Thread.sleep(PAUSE_MS);
        return value;
    }
}
