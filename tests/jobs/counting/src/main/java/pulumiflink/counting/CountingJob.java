package pulumiflink.counting;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;

/**
 * Numbers each source split, counts per key, and writes every record exactly once: whatever is lost or repeated by an
 * upgrade shows as a gap or a double in the files. (With {@code --plain-files} by a sink without state, exactly once only
 * as long as nothing fails.)
 *
 * <p>A line is {@code split,sequence,key,countOfKey,tag}. Checkpointing, restarts and parallelism are left to Flink's
 * configuration.
 */
public final class CountingJob {
    private CountingJob() {}

    public static void main(String[] args) throws Exception {
        run(Arguments.parse(args, "counting"));
    }

    static void run(Arguments arguments) throws Exception {
        if (arguments.mainThrows) {
            throw new IllegalStateException("main() throws, as --main-throws says");
        }
        if (arguments.output == null) {
            throw new IllegalArgumentException("--output is required: the URI of a folder");
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();

        DataStream<Tuple2<Integer, Long>> numbers =
                env.fromSource(
                                new NumberSource(arguments.splits, arguments.rate, arguments.limit),
                                WatermarkStrategy.noWatermarks(),
                                "numbers",
                                Types.TUPLE(Types.INT, Types.LONG))
                        .uid("numbers")
                        .transform(
                                "misbehave",
                                Types.TUPLE(Types.INT, Types.LONG),
                                new SnapshotGateFactory<>(new Misbehave<>(arguments), arguments))
                        .uid("misbehave");

        int keys = arguments.keys;
        DataStream<String> lines =
                numbers.keyBy(record -> "k" + record.f1 % keys, Types.STRING)
                        .process(new CountPerKey(arguments.tag))
                        .name("count")
                        .uid("count");

        if (arguments.extraOperator != null) {
            lines = lines.map(new CountAll()).name(arguments.extraOperator).uid(arguments.extraOperator);
        }

        if (arguments.plainFiles) {
            lines.process(new AppendLines(arguments.output)).name("files").uid("plain-files");
            env.execute(arguments.name);
            return;
        }
        lines.sinkTo(
                        FileSink.forRowFormat(new Path(arguments.output), new SimpleStringEncoder<String>("UTF-8"))
                                .withBucketAssigner(new BasePathBucketAssigner<>())
                                .withRollingPolicy(OnCheckpointRollingPolicy.build())
                                .build())
                .name("files")
                .uid("files");

        env.execute(arguments.name);
    }
}
