package pulumiflink.counting;

import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.apache.flink.streaming.api.operators.SimpleOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamMap;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A map operator that can make checkpoints and savepoints slow, and decline savepoints.
 *
 * <p>Functions are not told whether a snapshot is a savepoint, only operators are; and Flink's own operators close that
 * method. So a proxy stands before the map operator: unlike an operator written out, it suits every Flink version's
 * interface.
 */
final class SnapshotGateFactory<T> extends AbstractStreamOperatorFactory<T>
        implements OneInputStreamOperatorFactory<T, T> {
    private static final long serialVersionUID = 1L;

    /** Static, so that the restart after a failed stop does not count from 0 again; the class is loaded once a job. */
    private static final AtomicLong DECLINED = new AtomicLong();

    private final MapFunction<T, T> function;
    private final Arguments arguments;

    SnapshotGateFactory(MapFunction<T, T> function, Arguments arguments) {
        this.function = function;
        this.arguments = arguments;
    }

    @Override
    public <O extends StreamOperator<T>> O createStreamOperator(StreamOperatorParameters<T> parameters) {
        SimpleOperatorFactory<T> maps = SimpleOperatorFactory.of(new StreamMap<>(function));
        maps.setProcessingTimeService(processingTimeService);
        StreamOperator<T> map = maps.createStreamOperator(parameters);
        boolean first = parameters.getContainingTask().getIndexInSubtaskGroup() == 0;
        Object gate =
                Proxy.newProxyInstance(
                        OneInputStreamOperator.class.getClassLoader(),
                        new Class<?>[] {OneInputStreamOperator.class},
                        (proxy, method, args) -> {
                            CheckpointOptions options =
                                    method.getName().equals("snapshotState") ? (CheckpointOptions) args[2] : null;
                            if (options != null) {
                                delay(options);
                            }
                            Object result;
                            try {
                                result = method.invoke(map, args);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                            if (options != null && first && isSavepoint(options) && mustDecline()) {
                                decline((OperatorSnapshotFutures) result);
                            }
                            return result;
                        });
        @SuppressWarnings("unchecked")
        O operator = (O) gate;
        return operator;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return OneInputStreamOperator.class;
    }

    private static boolean isSavepoint(CheckpointOptions options) {
        return options.getCheckpointType().isSavepoint();
    }

    private void delay(CheckpointOptions options) throws InterruptedException {
        long ms = isSavepoint(options) ? arguments.slowSavepointMs : arguments.slowCheckpointMs;
        if (ms > 0) {
            Thread.sleep(ms);
        }
    }

    private boolean mustDecline() {
        if (arguments.failSavepointsWhile != null && Files.exists(Path.of(arguments.failSavepointsWhile))) {
            return true;
        }
        return arguments.failSavepoints > 0 && DECLINED.getAndIncrement() < arguments.failSavepoints;
    }

    /** Fails the asynchronous part, so that Flink declines the snapshot; a throw here would fail the task. */
    private static void decline(OperatorSnapshotFutures futures) {
        futures.setOperatorStateRawFuture(
                new FutureTask<>(
                        () -> {
                            throw new IllegalStateException("The savepoint is declined, as --fail-savepoints says");
                        }));
    }
}
