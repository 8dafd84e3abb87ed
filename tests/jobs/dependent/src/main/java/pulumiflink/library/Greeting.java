package pulumiflink.library;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What the job needs and its jar has not. */
public final class Greeting {
    private Greeting() {}

    /** A greeting for the name that the class path's {@code name.txt} holds. */
    public static String fromResource(ClassLoader loader) {
        try (InputStream resource = loader.getResourceAsStream("name.txt")) {
            if (resource == null) {
                throw new IllegalStateException("name.txt is not on the class path");
            }
            return "hello " + new String(resource.readAllBytes(), StandardCharsets.UTF_8).trim();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
