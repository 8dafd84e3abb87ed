package pulumiflink.counting;

import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** One sequence of numbers, and the number it emits next. */
final class NumberSplit implements SourceSplit {
    final int index;
    final long next;

    NumberSplit(int index, long next) {
        this.index = index;
        this.next = next;
    }

    @Override
    public String splitId() {
        return String.valueOf(index);
    }

    static final class ListSerializer implements SimpleVersionedSerializer<List<NumberSplit>> {
        private static final int BYTES_PER_SPLIT = Integer.BYTES + Long.BYTES;

        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(List<NumberSplit> splits) {
            ByteBuffer buffer = ByteBuffer.allocate(splits.size() * BYTES_PER_SPLIT);
            splits.forEach(split -> buffer.putInt(split.index).putLong(split.next));
            return buffer.array();
        }

        @Override
        public List<NumberSplit> deserialize(int version, byte[] serialized) {
            ByteBuffer buffer = ByteBuffer.wrap(serialized);
            List<NumberSplit> splits = new ArrayList<>();
            while (buffer.hasRemaining()) {
                splits.add(new NumberSplit(buffer.getInt(), buffer.getLong()));
            }
            return splits;
        }
    }

    static final class Serializer implements SimpleVersionedSerializer<NumberSplit> {
        private final ListSerializer list = new ListSerializer();

        @Override
        public int getVersion() {
            return list.getVersion();
        }

        @Override
        public byte[] serialize(NumberSplit split) {
            return list.serialize(List.of(split));
        }

        @Override
        public NumberSplit deserialize(int version, byte[] serialized) {
            return list.deserialize(version, serialized).get(0);
        }
    }
}
