package pulumiflink.counting;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;

/** Passes records on until it is to fail. What it counts starts anew with each incarnation of the subtask. */
final class Misbehave<T> extends RichMapFunction<T, T> implements CheckpointListener {
    private static final long serialVersionUID = 1L;

    private final Arguments arguments;
    private transient long records;
    private transient long checkpoints;

    Misbehave(Arguments arguments) {
        this.arguments = arguments;
    }

    @Override
    public void open(OpenContext context) throws Exception {
        if (arguments.slowStartMs > 0) {
            Thread.sleep(arguments.slowStartMs);
        }
        if (arguments.failAtStart) {
            throw new IllegalStateException("open() fails, as --fail-at-start says");
        }
    }

    @Override
    public T map(T record) {
        if (arguments.failAfter > 0 && ++records > arguments.failAfter) {
            throw new IllegalStateException("Failed after " + arguments.failAfter + " records, as --fail-after says");
        }
        return record;
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        if (arguments.failAfterCheckpoints > 0 && ++checkpoints >= arguments.failAfterCheckpoints) {
            throw new IllegalStateException(
                    "Failed after " + checkpoints + " checkpoints, as --fail-after-checkpoints says");
        }
    }
}
