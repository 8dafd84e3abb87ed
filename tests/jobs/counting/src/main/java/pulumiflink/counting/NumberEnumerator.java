package pulumiflink.counting;

import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Gives each split to one reader; its state is the splits that no reader has yet. */
final class NumberEnumerator implements SplitEnumerator<NumberSplit, List<NumberSplit>> {
    private final SplitEnumeratorContext<NumberSplit> context;
    private final List<NumberSplit> pending;

    NumberEnumerator(SplitEnumeratorContext<NumberSplit> context, List<NumberSplit> pending) {
        this.context = context;
        this.pending = new ArrayList<>(pending);
    }

    @Override
    public void start() {}

    @Override
    public void addReader(int subtask) {
        for (Iterator<NumberSplit> splits = pending.iterator(); splits.hasNext(); ) {
            NumberSplit split = splits.next();
            if (split.index % context.currentParallelism() == subtask) {
                context.assignSplit(split, subtask);
                splits.remove();
            }
        }
        context.signalNoMoreSplits(subtask);
    }

    @Override
    public void addSplitsBack(List<NumberSplit> splits, int subtask) {
        // The subtask registers again after its restart, and gets them then.
        pending.addAll(splits);
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public List<NumberSplit> snapshotState(long checkpointId) {
        return new ArrayList<>(pending);
    }

    @Override
    public void close() {}
}
