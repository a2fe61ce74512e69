package dev.caravan.cli.mover;

import dev.caravan.config.LogSettings;
import dev.caravan.log.LogSetup;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.Diagnosis;
import dev.caravan.snapshot.make.MoverPlace;
import dev.caravan.snapshot.manifest.DamagedManifestException;
import dev.caravan.snapshot.shelf.Origin;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * What the commands share: the bucket by the environment, one line for what failed, and exit code 1
 * for it.
 */
abstract class MoverCall implements Callable<Integer> {

  /** So many lines are shown on a kind of thing; all are counted. */
  private static final int SHOWN = 50;

  final Map<String, String> env = System.getenv();
  final Clock clock = Clock.systemUTC();
  private final LongAdder moved = new LongAdder();

  @Spec private @Nullable CommandSpec spec;

  /** Does it; what it throws becomes a line and exit code 1. */
  abstract int run(MoverPlace place, Remote remote) throws RemoteException, IOException;

  @Override
  public Integer call() {
    MoverPlace.Read read = MoverPlace.read(env);
    if (read.place().isEmpty()) {
      read.problems().forEach(problem -> err().println(shown(problem)));
      err().flush();
      return 1;
    }
    MoverPlace place = read.place().get();
    // Before anything is loaded that logs.
    LogSetup.apply(
        new LogSettings(LogSettings.Format.TEXT, place.settings().tuning().talk().level()));
    try (Remote remote = place.remote((name, direction, bytes) -> moved.add(bytes), clock)) {
      return run(place, remote);
    } catch (RemoteException e) {
      err().println(shown(unreached(e)));
    } catch (IOException e) {
      err().println(shown(String.valueOf(e.getMessage())));
    } catch (IllegalStateException | OutOfMemoryError e) {
      err().println(shown("It failed inside, and is not complete: " + e));
    } finally {
      out().flush();
      err().flush();
    }
    return 1;
  }

  /** Why a bucket that was asked for the first time gave no answer that can be used. */
  static String unreached(RemoteException fault) {
    return fault.reason().concernsWholeRemote()
        ? Diagnosis.connection(fault)
        : String.valueOf(fault.getMessage());
  }

  /** Bytes that went over the line so far. */
  final long movedBytes() {
    return moved.sum();
  }

  final PrintWriter out() {
    return line().getOut();
  }

  final PrintWriter err() {
    return line().getErr();
  }

  private CommandLine line() {
    return Objects.requireNonNull(spec).commandLine();
  }

  /** What a name leads to, or a failure that says what to do. */
  static Origin origin(Remote remote, String name) throws RemoteException, IOException {
    String where = remote.identity();
    Optional<Origin> found;
    try {
      found = Origin.find(remote, name);
    } catch (DamagedManifestException e) {
      throw new DamagedManifestException(
          e.getMessage() + "; caravan datamover list shows what else is there for --snapshot", e);
    }
    if (found.isEmpty()) {
      throw new IOException(
          name.equals(Origin.LATEST)
              ? "There is no complete snapshot and no mirror of ours at %s; caravan datamover list"
                      .formatted(where)
                  + " shows what is there, and --snapshot mirror takes one of another tool's"
              : "There is no '%s' at %s; caravan datamover list shows what is there"
                  .formatted(name, where));
    }
    return found.get();
  }

  /** Lines on one kind of thing, as far as they fit a screen; from any thread. */
  final class Told {
    private long count;

    synchronized void tell(String path, String what) {
      if (count++ < SHOWN) {
        err().println(shown(path + ": " + what).replace("\n", "\\x0a"));
      }
    }

    synchronized void end() {
      if (count > SHOWN) {
        err().println("… and %d more".formatted(count - SHOWN));
      }
      err().flush();
    }
  }

  /** Keeps control characters of a file's name off the terminal; line ends of ours stay. */
  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (Character.isISOControl(c) && c != '\n') {
                shown.append(String.format("\\x%02x", c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.toString();
  }
}
