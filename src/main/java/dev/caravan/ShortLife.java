package dev.caravan;

import dev.caravan.store.AtomicFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Keeps the JVM's second, optimizing compiler out of a process that lives for seconds: it takes
 * more than half of the CPU time of a cold start, for code that has run to its end before it is
 * ready. Digests and ciphers are left to it, for only there are they done by the processor's own
 * instructions. By the command line this would be {@code -XX:CompilerDirectivesFile}, but a jar
 * carries no options of the JVM.
 */
final class ShortLife {

  private static final String DIRECTIVES =
      """
      [
        {
          match: ["sun/security/*.*", "com/sun/crypto/*.*", "java/util/zip/*.*", "java/math/*.*"],
          c2: { Exclude: false }
        },
        { match: "*.*", c2: { Exclude: true } }
      ]
      """;

  private ShortLife() {}

  /** Says so to the JVM; false from one that does not know of it, which is only slower. */
  static boolean expect() {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    try (AtomicFile file = AtomicFile.begin(folder.resolve("directives"))) {
      file.write(DIRECTIVES.getBytes(StandardCharsets.UTF_8));
      return ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "compilerDirectivesAdd",
              new Object[] {new String[] {file.path().toString()}},
              new String[] {String[].class.getName()})
          .toString()
          .contains("directives added");
    } catch (IOException | JMException | RuntimeException e) {
      return false;
    }
  }
}
