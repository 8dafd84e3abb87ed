package pulumiflink.counting;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Counts the records of each key from 1 in keyed state, and makes the line. */
final class CountPerKey extends KeyedProcessFunction<String, Tuple2<Integer, Long>, String> {
    private static final long serialVersionUID = 1L;

    private final String tag;
    private transient ValueState<Long> count;

    CountPerKey(String tag) {
        this.tag = tag;
    }

    @Override
    public void open(OpenContext context) {
        count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
    }

    @Override
    public void processElement(Tuple2<Integer, Long> record, Context context, Collector<String> out) throws Exception {
        Long before = count.value();
        long now = before == null ? 1 : before + 1;
        count.update(now);
        out.collect(record.f0 + "," + record.f1 + "," + context.getCurrentKey() + "," + now + "," + tag);
    }
}
