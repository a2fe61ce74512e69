package dev.caravan.sim;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.slf4j.LoggerFactory;

/**
 * Random histories of an owner who works, remotes that break and a process that dies. Whatever
 * happens, nothing is lost and nothing untrue is recorded, and once things are quiet all is
 * mirrored. {@code -Dcaravan.sim.seed=N} plays one history, {@code -Dcaravan.sim.count=N} more.
 */
class HistoryTest {

  private static final int COUNT = Integer.getInteger("caravan.sim.count", 60);
  private static final long FIRST = Long.getLong("caravan.sim.first", 1);

  @TempDir(factory = InMemory.class)
  Path folder;

  /** The disk's pace is not what is tested. */
  static final class InMemory implements TempDirFactory {
    private static final Path MEMORY = Path.of("/dev/shm");

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
        throws IOException {
      return Files.isWritable(MEMORY)
          ? Files.createTempDirectory(MEMORY, "caravan")
          : Files.createTempDirectory("caravan");
    }
  }

  @BeforeAll
  static void quiet() {
    ((Logger) LoggerFactory.getLogger("caravan")).setLevel(Level.OFF);
    ((Logger) LoggerFactory.getLogger("caravan.run")).setLevel(Level.OFF);
  }

  @AfterAll
  static void loud() {
    ((Logger) LoggerFactory.getLogger("caravan")).setLevel(Level.INFO);
    ((Logger) LoggerFactory.getLogger("caravan.run")).setLevel(Level.INFO);
  }

  @Test
  void nothingIsLostAndAllIsMirroredInTheEnd() throws Exception {
    Long only = Long.getLong("caravan.sim.seed");
    long last = only == null ? FIRST + COUNT - 1 : only;
    long played = 0;
    long copies = 0;
    for (long seed = only == null ? FIRST : only; seed <= last; seed++) {
      History history = new History(folder.resolve("s" + seed), seed);
      try {
        history.play();
      } catch (Exception | Error e) {
        throw new AssertionError("seed " + seed + ": " + history.told(), e);
      }
      played++;
      copies += history.copies();
    }
    assertThat(played).isEqualTo(only == null ? COUNT : 1);
    if (only == null) {
      assertThat(copies).as("renames that a remote carried by itself").isGreaterThan(COUNT);
    }
  }
}
