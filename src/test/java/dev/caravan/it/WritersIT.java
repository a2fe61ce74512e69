package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.it.Versions.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many writers at once: what is visible at the remote is always one complete version. */
class WritersIT {

  private static final int WRITERS = 20;
  private static final Duration DURATION =
      Duration.ofSeconds(Integer.getInteger("caravan.writers.seconds", 120));

  @TempDir Path folder;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final Set<String> seen = new TreeSet<>();

  @Test
  void everyObjectIsAlwaysACompleteVersion() throws Exception {
    long seed = Long.getLong("caravan.seed", System.nanoTime());
    CaravanSetup caravan =
        CaravanSetup.in(folder).mirror("store.settle=1s", "store.exclude=[\"**/*.part\"]");
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    try (CaravanProcess daemon = caravan.start()) {
      List<Future<Integer>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        Random random = new Random(seed + i);
        Way way = Way.values()[i % Way.values().length];
        Path file = caravan.store().resolve(way + "-" + i);
        writers.add(threads.submit(() -> keepWriting(way, file, random)));
      }
      List<String> faults = watch(caravan.remote());
      stop.set(true);
      int written = 0;
      for (Future<Integer> writer : writers) {
        written += writer.get(30, TimeUnit.SECONDS);
      }
      assertThat(faults).as("seed %d, %d versions written", seed, written).isEmpty();
      assertThat(seen).as("different versions seen at the remote").hasSizeGreaterThan(2 * WRITERS);
      Mirrored.await(caravan.store(), caravan.remote(), Duration.ofSeconds(30), daemon);
      assertThat(look(caravan.remote())).isEmpty();
    } finally {
      stop.set(true);
      threads.shutdownNow();
    }
  }

  /** Writes version after version, now and then with a pause long enough to be uploaded. */
  private int keepWriting(Way way, Path file, Random random) throws IOException {
    int version = 0;
    while (!stop.get()) {
      way.write(file, version++);
      long pauseMs = random.nextInt(4) == 0 ? 1_000 + random.nextInt(2_500) : random.nextInt(300);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMs));
    }
    return version;
  }

  private List<String> watch(Path remote) throws IOException {
    List<String> faults = new ArrayList<>();
    long end = System.nanoTime() + DURATION.toNanos();
    while (System.nanoTime() < end && faults.isEmpty()) {
      faults.addAll(look(remote));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    return faults;
  }

  private List<String> look(Path remote) throws IOException {
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      Way way = Way.values()[i % Way.values().length];
      Path object = remote.resolve(way + "-" + i);
      try {
        byte[] content = Files.readAllBytes(object);
        way.fault(content).ifPresent(fault -> faults.add(object.getFileName() + ": " + fault));
        seen.add(object.getFileName() + " " + content.length + " " + Versions.versionOf(content));
      } catch (NoSuchFileException e) {
        // It was not settled for long enough yet to be uploaded for the first time.
      }
    }
    return faults;
  }
}
