package pulumiflink.counting;

import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

import java.util.List;

/** Passes lines on and has state: without it, a savepoint that knows it needs allowNonRestoredState. */
final class CountAll extends RichMapFunction<String, String> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private transient ListState<Long> state;
    private transient long seen;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        state = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("seen", Types.LONG));
        for (Long before : state.get()) {
            seen += before;
        }
    }

    @Override
    public String map(String line) {
        seen++;
        return line;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        state.update(List.of(seen));
    }
}
