import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** Prints the keys of Flink's own option classes on the class path: one a line, after the name of its class. */
public class ListOptions {
  public static void main(String[] arguments) throws IOException {
    for (String path : System.getProperty("java.class.path").split(":")) {
      if (!path.endsWith(".jar")) continue;
      try (JarFile jar = new JarFile(path)) {
        for (JarEntry entry : Collections.list(jar.entries())) print(entry.getName());
      }
    }
  }

  private static void print(String file) {
    if (!file.startsWith("org/apache/flink/") || !file.endsWith("Options.class") || file.contains("shaded")) return;
    try {
      Class<?> options = Class.forName(file.replace(".class", "").replace('/', '.'));
      for (Field field : options.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) continue;
        if (!field.getType().getSimpleName().equals("ConfigOption")) continue;
        field.setAccessible(true);
        Object option = field.get(null);
        System.out.println(options.getSimpleName() + "\t" + option.getClass().getMethod("key").invoke(option));
      }
    } catch (ReflectiveOperationException | LinkageError notThere) {
      // A class of a part of Flink that is not on the class path.
    }
  }
}
