package pulumiflink.counting;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The job's main arguments: {@code --key value}, or {@code --flag} alone for {@code --flag true}. */
final class Arguments implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final Set<String> KNOWN =
            Set.of(
                    "name",
                    "output",
                    "tag",
                    "rate",
                    "keys",
                    "splits",
                    "limit",
                    "extra-operator",
                    "plain-files",
                    "main-throws",
                    "fail-at-start",
                    "slow-start",
                    "fail-after",
                    "fail-after-checkpoints",
                    "slow-checkpoint",
                    "slow-savepoint",
                    "fail-savepoints",
                    "fail-savepoints-while");

    /** The job's name. */
    final String name;

    /** The URI of the folder the lines go to. */
    final String output;

    /** Written in each line, so that a test sees which version wrote it. */
    final String tag;

    /** Records a second of each split; 0 is as fast as possible. */
    final double rate;

    /** How many keys the numbers are spread over. */
    final int keys;

    /** How many source splits there are, whatever the parallelism. Fixed once there is state. */
    final int splits;

    /** Records of each split after which it ends; 0 is never. */
    final long limit;

    /** The uid of one more stateful operator; none if null. */
    final String extraOperator;

    /** Lines go to files without a sink's state, which not every version of Flink can read of every other. */
    final boolean plainFiles;

    final boolean mainThrows;
    final boolean failAtStart;
    final long slowStartMs;

    /** Records of one subtask and incarnation after which it throws; 0 is never. */
    final long failAfter;

    /** Completed checkpoints of one incarnation after which it throws; 0 is never. */
    final long failAfterCheckpoints;

    final long slowCheckpointMs;
    final long slowSavepointMs;

    /** How many savepoints are declined before one succeeds; {@code true} is all. */
    final long failSavepoints;

    /** While this local file exists, every savepoint is declined; none if null. */
    final String failSavepointsWhile;

    private Arguments(Map<String, String> values, String defaultName) {
        name = values.getOrDefault("name", defaultName);
        output = values.get("output");
        tag = values.getOrDefault("tag", "-");
        rate = Double.parseDouble(values.getOrDefault("rate", "100"));
        keys = Integer.parseInt(values.getOrDefault("keys", "3"));
        splits = Integer.parseInt(values.getOrDefault("splits", "2"));
        limit = number(values, "limit");
        extraOperator = values.get("extra-operator");
        plainFiles = flag(values, "plain-files");
        mainThrows = flag(values, "main-throws");
        failAtStart = flag(values, "fail-at-start");
        slowStartMs = number(values, "slow-start");
        failAfter = number(values, "fail-after");
        failAfterCheckpoints = number(values, "fail-after-checkpoints");
        slowCheckpointMs = number(values, "slow-checkpoint");
        slowSavepointMs = number(values, "slow-savepoint");
        failSavepoints =
                "true".equals(values.get("fail-savepoints"))
                        ? Long.MAX_VALUE
                        : "false".equals(values.get("fail-savepoints")) ? 0 : number(values, "fail-savepoints");
        failSavepointsWhile = values.get("fail-savepoints-while");
        if (tag.contains(",") || tag.contains("\n")) {
            throw new IllegalArgumentException("--tag may contain neither a comma nor a line break");
        }
        if (keys < 1 || splits < 1) {
            throw new IllegalArgumentException("--keys and --splits must be at least 1");
        }
    }

    static Arguments parse(String[] args, String defaultName) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < args.length; i++) {
            if (!args[i].startsWith("--") || !KNOWN.contains(args[i].substring(2))) {
                throw new IllegalArgumentException("Unknown main argument: " + args[i]);
            }
            boolean alone = i + 1 == args.length || args[i + 1].startsWith("--");
            values.put(args[i].substring(2), alone ? "true" : args[i + 1]);
            if (!alone) {
                i++;
            }
        }
        return new Arguments(values, defaultName);
    }

    private static long number(Map<String, String> values, String key) {
        return Long.parseLong(values.getOrDefault(key, "0"));
    }

    private static boolean flag(Map<String, String> values, String key) {
        return Boolean.parseBoolean(values.get(key));
    }
}
