package pulumiflink.counting;

import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.io.InputStatus;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Emits the numbers of its splits, each split at the set rate. */
final class NumberReader implements SourceReader<Tuple2<Integer, Long>, NumberSplit> {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final long interval;
    private final long limit;
    private final List<Position> positions = new ArrayList<>();
    private boolean allAssigned;
    private CompletableFuture<Void> available = new CompletableFuture<>();

    NumberReader(double rate, long limit) {
        this.interval = rate > 0 ? (long) (NANOS_PER_SECOND / rate) : 0;
        this.limit = limit;
    }

    @Override
    public void start() {}

    @Override
    public InputStatus pollNext(ReaderOutput<Tuple2<Integer, Long>> output) {
        boolean ended = allAssigned;
        long soonest = Long.MAX_VALUE;
        for (Position position : positions) {
            if (limit > 0 && position.next >= limit) {
                continue;
            }
            ended = false;
            long wait = position.due - System.nanoTime();
            if (wait <= 0) {
                output.collect(Tuple2.of(position.index, position.next));
                position.next++;
                // After a pause (a slow snapshot, back pressure) at most one second is caught up.
                position.due = Math.max(position.due, System.nanoTime() - NANOS_PER_SECOND) + interval;
                wait = position.due - System.nanoTime();
            }
            soonest = Math.min(soonest, wait);
        }
        if (ended) {
            return InputStatus.END_OF_INPUT;
        }
        if (soonest <= 0) {
            return InputStatus.MORE_AVAILABLE;
        }
        available = new CompletableFuture<>();
        if (soonest < Long.MAX_VALUE) {
            available.completeOnTimeout(null, soonest, TimeUnit.NANOSECONDS);
        }
        return InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public List<NumberSplit> snapshotState(long checkpointId) {
        List<NumberSplit> splits = new ArrayList<>();
        for (Position position : positions) {
            splits.add(new NumberSplit(position.index, position.next));
        }
        return splits;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return available;
    }

    @Override
    public void addSplits(List<NumberSplit> splits) {
        splits.forEach(split -> positions.add(new Position(split)));
        available.complete(null);
    }

    @Override
    public void notifyNoMoreSplits() {
        allAssigned = true;
        available.complete(null);
    }

    @Override
    public void close() {}

    /** Where a split stands, and when its next number is due. */
    private static final class Position {
        final int index;
        long next;
        long due = System.nanoTime();

        Position(NumberSplit split) {
            index = split.index;
            next = split.next;
        }
    }
}
