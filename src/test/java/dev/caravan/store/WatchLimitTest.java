package dev.caravan.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store with more folders than the kernel lets one watch, in a name space with such a limit. */
class WatchLimitTest {

  private static final String LIMIT = "echo 10 > /proc/sys/user/max_inotify_watches";

  @TempDir Path folder;

  /** Watches the store until a change at its root is noticed, and says how it is watched. */
  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]);
    StoreTree tree = new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC());
    AtomicInteger changes = new AtomicInteger();
    Filters all = new Filters(List.of("**"), List.of());
    try (StoreWatch watch = StoreWatch.start(tree, all, path -> changes.incrementAndGet())) {
      for (int i = 0; i < 100 && changes.get() == 0; i++) {
        if (watch.isWatching()) {
          Files.writeString(root.resolve("change"), "x" + i);
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
      boolean beats = watch.state().heartbeatAgeSeconds().isPresent();
      System.out.println("changes=" + (changes.get() > 0) + " beats=" + beats);
      System.out.println("unwatched=" + watch.state().unwatchedFolders());
      System.out.println(watch.problem().orElse(""));
    }
  }

  private static Process shell(String command) throws IOException {
    return new ProcessBuilder("unshare", "-Ur", "sh", "-c", command)
        .redirectErrorStream(true)
        .start();
  }

  @Test
  void atTheLimitOfTheKernelTheOthersStayWatched() throws Exception {
    assertThat(shell(LIMIT).waitFor()).as("may make a name space of its own").isZero();
    Files.createDirectories(folder.resolve(".caravan"));
    for (int i = 0; i < 20; i++) {
      Files.createDirectories(folder.resolve("d" + i));
    }
    Process process =
        shell(
            "%s && exec '%s' -cp '%s' %s '%s'"
                .formatted(
                    LIMIT,
                    Path.of(System.getProperty("java.home"), "bin", "java"),
                    System.getProperty("java.class.path"),
                    WatchLimitTest.class.getName(),
                    folder));
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said)
        .contains("changes=true beats=true", "unwatched=12", "12 of 21 folders", "not watched");
  }
}
