package pulumiflink.counting;

import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

import java.io.BufferedWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Writes lines to files without any state: each snapshot ends a file. What was written since the last snapshot is there
 * again after a failure, but not after a stop.
 */
final class AppendLines extends ProcessFunction<String, Void> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final String folder;

    private transient Path hidden;
    private transient BufferedWriter writer;

    /** @param folder a URI of files. */
    AppendLines(String folder) {
        this.folder = folder;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}

    @Override
    public void processElement(String line, Context context, Collector<Void> out) throws Exception {
        if (writer == null) {
            hidden = Path.of(URI.create(folder)).resolve("." + UUID.randomUUID());
            writer = Files.newBufferedWriter(hidden);
        }
        writer.write(line);
        writer.newLine();
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        if (writer != null) {
            writer.close();
            writer = null;
            Files.move(hidden, hidden.resolveSibling("part-" + hidden.getFileName().toString().substring(1)));
        }
    }

    @Override
    public void close() throws Exception {
        if (writer != null) {
            writer.close();
        }
    }
}
