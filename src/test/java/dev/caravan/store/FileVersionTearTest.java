package dev.caravan.store;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A writer begins at a random moment after the file was seen; what is read must be what was. */
class FileVersionTearTest {
  private static final int ROUNDS = 60;
  private static final int[] SIZES = {1, 4_000, 200_000, 400_000, 3 << 20, 10 << 20};

  /** Longer than a tick of any kernel's clock for stamps. */
  private static final long TICK_NS = 20_000_000;

  private static final StorePath PATH = StorePath.of("file");

  @TempDir Path root;
  private final ExecutorService writers = Executors.newSingleThreadExecutor();
  private StoreTree tree;
  private Path file;

  enum Writing {
    IN_PLACE,
    ONE_BYTE_IN_PLACE,
    APPEND_TO_IT,
    TRUNCATE_AND_REWRITE,
    RENAME_OVER,
    DELETE_AND_RECREATE,
    MAKE_SHORTER
  }

  @BeforeEach
  void makeTree() {
    tree = new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC());
    file = root.resolve("file");
  }

  @AfterEach
  void stopWriters() {
    writers.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsReadIsExactlyTheVersionThatWasSeen(Writing writing) throws Exception {
    long seed = writing.name().hashCode();
    Random random = new Random(seed);
    int complete = 0;
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] old = new byte[SIZES[random.nextInt(SIZES.length)]];
      random.nextBytes(old);
      Files.deleteIfExists(file);
      Files.write(file, old);
      FileStat seen = tree.stat(PATH).orElseThrow();
      waitForTick(System.nanoTime());
      boolean disturbed = round % 4 != 0;
      long delayNs = random.nextInt(1 + old.length);
      long change = random.nextLong();
      Future<?> writer =
          writers.submit(
              () -> {
                if (disturbed) {
                  spin(delayNs);
                  write(writing, old, new Random(change));
                }
                return null;
              });
      if (readsCompletely(seen, old, random, "seed " + seed + " round " + round)) {
        complete++;
      } else {
        refused++;
        assertThat(disturbed).as("refused without a writer, seed %d", seed).isTrue();
      }
      writer.get();
    }
    assertThat(complete).as("seed %d", seed).isGreaterThanOrEqualTo(ROUNDS / 4);
    assertThat(refused).as("seed %d", seed).isPositive();
  }

  private boolean readsCompletely(FileStat seen, byte[] old, Random random, String round)
      throws Exception {
    try {
      FileVersion version = FileVersion.read(tree, seen, WantedSums.md5(random.nextBoolean()));
      String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(old));
      assertThat(version.sha256()).as(round).isEqualTo(sha256);
      try (InputStream in = version.open(0, version.sizeBytes())) {
        assertThat(in.readAllBytes()).as(round).isEqualTo(old);
      }
      version.ensureUnchanged();
      return true;
    } catch (ContentChangedException e) {
      return false;
    }
  }

  private void write(Writing writing, byte[] old, Random random) throws IOException {
    byte[] next = new byte[old.length];
    random.nextBytes(next);
    switch (writing) {
      case IN_PLACE -> pieces(file, next, WRITE);
      case ONE_BYTE_IN_PLACE -> {
        try (FileChannel channel = FileChannel.open(file, WRITE)) {
          int at = random.nextInt(old.length);
          channel.write(ByteBuffer.wrap(new byte[] {(byte) (old[at] + 1)}), at);
        }
      }
      case APPEND_TO_IT -> pieces(file, next, APPEND);
      case TRUNCATE_AND_REWRITE -> pieces(file, next, WRITE, TRUNCATE_EXISTING);
      case RENAME_OVER -> {
        Path temporary = root.resolve("temporary");
        pieces(temporary, next, CREATE, WRITE);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      }
      case DELETE_AND_RECREATE -> {
        Files.delete(file);
        pieces(file, next, CREATE, WRITE);
      }
      case MAKE_SHORTER -> {
        try (FileChannel channel = FileChannel.open(file, WRITE)) {
          channel.truncate(random.nextInt(old.length));
        }
      }
    }
  }

  private static void pieces(Path path, byte[] content, OpenOption... options) throws IOException {
    try (FileChannel channel = FileChannel.open(path, Set.of(options))) {
      for (int at = 0; at < content.length; at += 30_000) {
        channel.write(ByteBuffer.wrap(content, at, Math.min(30_000, content.length - at)));
      }
    }
  }

  private static void waitForTick(long from) {
    long end = from + TICK_NS;
    for (long left = TICK_NS; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static void spin(long ns) {
    long end = System.nanoTime() + ns;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }
}
