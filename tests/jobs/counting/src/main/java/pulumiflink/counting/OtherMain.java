package pulumiflink.counting;

/** The same job by another entry class; only its default name differs. */
public final class OtherMain {
    private OtherMain() {}

    public static void main(String[] args) throws Exception {
        CountingJob.run(Arguments.parse(args, "counting-other"));
    }
}
