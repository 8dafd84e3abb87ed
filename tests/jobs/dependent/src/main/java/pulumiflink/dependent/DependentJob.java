package pulumiflink.dependent;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import pulumiflink.library.Greeting;

/**
 * A job that needs a class and a file that its jar does not hold, in {@code main} and in its tasks, and writes what it
 * found: {@code main.txt} and {@code task.txt} in the folder that its one argument names.
 */
public final class DependentJob {
    private DependentJob() {}

    public static void main(String[] args) throws Exception {
        Path output = Path.of(args[0]);
        Files.writeString(
                output.resolve("main.txt"),
                Greeting.fromResource(Thread.currentThread().getContextClassLoader()));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.fromSequence(0, Long.MAX_VALUE)
                .uid("numbers")
                .map(new Greet(args[0]))
                .uid("greet")
                .sinkTo(new DiscardingSink<>())
                .uid("nowhere");
        env.execute("dependent");
    }
}
