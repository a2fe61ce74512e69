package dev.caravan;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.caravan.store.AtomicFile;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.JMException;
import javax.management.NotificationEmitter;
import javax.management.ObjectName;

/**
 * Keeps the JVM's second, optimizing compiler out of a process that lives for seconds: it takes
 * more than half of the CPU time of a cold start, for code that has run to its end before it is
 * ready. Digests and ciphers are left to it, for only there are they done by the processor's own
 * instructions. By the command line this would be {@code -XX:CompilerDirectivesFile}, but a jar
 * carries no options of the JVM.
 */
final class ShortLife {

  private static final String MOST_FREE = "MaxHeapFreeRatio";
  private static final String LEAST_FREE = "MinHeapFreeRatio";

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

  /** A heap of this size is not worth to be made smaller. */
  private static final long SMALL_BYTES = 96L << 20;

  /** A heap that cannot become larger than this is left to itself. */
  private static final long KEPT_BYTES = 192L << 20;

  /** Grown beyond this, and used less than this part of it, a heap is made smaller. */
  private static final long LARGE_BYTES = 112L << 20;

  private static final double MOST_USED = 0.35;
  private static final long PAUSE_NANOS = 500_000_000;

  /** Of the first heap, in percent: some 6 MiB live when it is made small. It grows as needed. */
  private static final String FREE = "90";

  private ShortLife() {}

  /**
   * Makes the first heap small: the JVM's own is a 64th of the machine's memory, and is filled
   * before anything is cleaned up. The one way to change it while running is to clean up with other
   * ideas of how much is to be free then; nearly nothing lives yet, so that takes milliseconds.
   */
  static void startSmall() {
    if (Runtime.getRuntime().totalMemory() <= SMALL_BYTES) {
      return;
    }
    try {
      HotSpotDiagnosticMXBean options =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      String most = options.getVMOption(MOST_FREE).getValue();
      String least = options.getVMOption(LEAST_FREE).getValue();
      options.setVMOption(MOST_FREE, FREE);
      options.setVMOption(LEAST_FREE, FREE);
      System.gc();
      options.setVMOption(LEAST_FREE, least);
      options.setVMOption(MOST_FREE, most);
    } catch (RuntimeException e) {
      // A JVM that does not know of these only takes more memory.
    }
  }

  /**
   * Makes the heap small again whenever it grew without need. G1 enlarges it when a pause was long
   * for the time since the last one, which on two busy cores says little about what lives.
   */
  static void keepSmall() {
    if (Runtime.getRuntime().maxMemory() <= KEPT_BYTES) {
      return;
    }
    AtomicLong next = new AtomicLong(System.nanoTime());
    for (GarbageCollectorMXBean each : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (each instanceof NotificationEmitter emitter) {
        emitter.addNotificationListener((told, nothing) -> shrink(next), null, null);
      }
    }
  }

  /** Not more often than twice a second, and only where most of a large heap is free. */
  private static void shrink(AtomicLong next) {
    long total = Runtime.getRuntime().totalMemory();
    long used = total - Runtime.getRuntime().freeMemory();
    if (total > LARGE_BYTES && used < total * MOST_USED && System.nanoTime() - next.get() >= 0) {
      System.gc();
      next.set(System.nanoTime() + PAUSE_NANOS);
    }
  }

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
