package pulumiflink.counting;

import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.io.SimpleVersionedSerializer;

import java.util.ArrayList;
import java.util.List;

/** Emits (split, 0), (split, 1), … for each of a fixed number of splits; how far each has come is its state. */
final class NumberSource implements Source<Tuple2<Integer, Long>, NumberSplit, List<NumberSplit>> {
    private static final long serialVersionUID = 1L;

    private final int splits;
    private final double rate;
    private final long limit;

    NumberSource(int splits, double rate, long limit) {
        this.splits = splits;
        this.rate = rate;
        this.limit = limit;
    }

    @Override
    public Boundedness getBoundedness() {
        return limit > 0 ? Boundedness.BOUNDED : Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<Tuple2<Integer, Long>, NumberSplit> createReader(SourceReaderContext context) {
        return new NumberReader(rate, limit);
    }

    @Override
    public SplitEnumerator<NumberSplit, List<NumberSplit>> createEnumerator(
            SplitEnumeratorContext<NumberSplit> context) {
        List<NumberSplit> all = new ArrayList<>();
        for (int index = 0; index < splits; index++) {
            all.add(new NumberSplit(index, 0));
        }
        return new NumberEnumerator(context, all);
    }

    @Override
    public SplitEnumerator<NumberSplit, List<NumberSplit>> restoreEnumerator(
            SplitEnumeratorContext<NumberSplit> context, List<NumberSplit> pending) {
        return new NumberEnumerator(context, pending);
    }

    @Override
    public SimpleVersionedSerializer<NumberSplit> getSplitSerializer() {
        return new NumberSplit.Serializer();
    }

    @Override
    public SimpleVersionedSerializer<List<NumberSplit>> getEnumeratorCheckpointSerializer() {
        return new NumberSplit.ListSerializer();
    }
}
