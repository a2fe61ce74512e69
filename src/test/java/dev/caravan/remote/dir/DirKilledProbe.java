package dev.caravan.remote.dir;

import dev.caravan.config.DirSettings;
import dev.caravan.contract.TestContent;
import dev.caravan.remote.ObjectKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;

/** A program of its own that hangs in the middle of a put, to be killed there. */
final class DirKilledProbe {
  private DirKilledProbe() {}

  public static void main(String[] args) throws Exception {
    DirSettings settings = new DirSettings("disk", Path.of(args[0]), false);
    AtomicInteger reads = new AtomicInteger();
    TestContent content =
        TestContent.ofSize(2 << 20, 1)
            .onRead(
                () -> {
                  if (reads.incrementAndGet() == 4) {
                    System.out.println("half way");
                    waitForever();
                  }
                });
    new DirRemote(settings, Clock.systemUTC()).put(new ObjectKey("a/b/c"), content);
  }

  private static void waitForever() {
    try {
      int end = System.in.read();
      System.out.println("nobody killed it: " + end);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
