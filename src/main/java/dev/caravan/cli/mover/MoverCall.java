package dev.caravan.cli.mover;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.shelf.Origin;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
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

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Map<String, String> env;

  @Spec private @Nullable CommandSpec spec;

  MoverCall(Map<String, String> env) {
    this.env = env;
  }

  /** Does it; what it throws becomes a line and exit code 1. */
  abstract int run(Place place) throws RemoteException, IOException, InterruptedException;

  @Override
  public Integer call() {
    try (Place place = Place.of(env)) {
      return run(place);
    } catch (Place.BadEnvironment | RemoteException | IOException e) {
      err().println(shown(String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      err().println("Interrupted");
    } catch (IllegalStateException | OutOfMemoryError e) {
      err().println(shown("It failed inside, and is not complete: " + e));
    } finally {
      out().flush();
      err().flush();
    }
    return 1;
  }

  PrintWriter out() {
    return line().getOut();
  }

  PrintWriter err() {
    return line().getErr();
  }

  private CommandLine line() {
    return Objects.requireNonNull(spec).commandLine();
  }

  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("An answer is not JSON", e);
    }
  }

  /** What a name leads to, or a failure that says what to do. */
  static Origin origin(Place place, String name) throws RemoteException, IOException {
    String where = place.remote().identity();
    return Origin.find(place.remote(), name)
        .orElseThrow(
            () ->
                new IOException(
                    name.equals(Origin.LATEST)
                        ? "There is no complete snapshot and no mirror at %s; see datamover list"
                            .formatted(where)
                        : "There is no '%s' at %s; caravan datamover list shows what is there"
                            .formatted(name, where)));
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
