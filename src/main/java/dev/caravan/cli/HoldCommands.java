package dev.caravan.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Commands that hold the daemon's work back, let it go, or slow it down. */
final class HoldCommands {

  private static final int WAIT_SECONDS = 30;

  private HoldCommands() {}

  /** What they share: they tell the daemon that works on the store. */
  private abstract static class Told implements Callable<Integer> {
    @ParentCommand private @Nullable CaravanCommand parent;
    @Spec private @Nullable CommandSpec spec;

    Map<String, @Nullable Object> tell(String path, Map<String, Object> body)
        throws Engine.CommandFailure {
      CaravanCommand caravan = Commands.of(parent);
      return caravan.engine().tell(caravan.settings(), path, body);
    }

    PrintWriter out() {
      return Objects.requireNonNull(spec).commandLine().getOut();
    }
  }

  /** What the four share. */
  private abstract static class Held extends Told {
    @Parameters(
        arity = "0..1",
        paramLabel = "REMOTE",
        description = "Only this remote; everything without one.")
    private @Nullable String remote;

    Map<String, @Nullable Object> hold(String path) throws Engine.CommandFailure {
      Map<String, Object> body = new LinkedHashMap<>();
      if (remote != null) {
        body.put("remote", remote);
      }
      Map<String, @Nullable Object> answer = tell("/api/storage/" + path, body);
      out().println(said(answer));
      out().flush();
      return answer;
    }

    private static String said(Map<String, @Nullable Object> answer) {
      boolean paused = Boolean.TRUE.equals(answer.get("paused"));
      String all = paused ? "paused" : "runs begin by themselves";
      String some =
          answer.get("paused_remotes") instanceof List<?> held && !held.isEmpty()
              ? "; held: " + held
              : "";
      return all + some + (Boolean.TRUE.equals(answer.get("idle")) ? "; idle" : "; busy");
    }

    /** Asks again until nothing is under way. */
    int holdUntilIdle(String path) throws Engine.CommandFailure {
      while (!Boolean.TRUE.equals(hold(path + "?wait=" + WAIT_SECONDS).get("idle"))) {
        out().flush();
      }
      return 0;
    }
  }

  /** {@code caravan pause}. */
  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Lets nothing begin by itself; or leaves one remote out of every cycle.")
  static final class Pause extends Held {
    @Override
    public Integer call() throws Engine.CommandFailure {
      hold("pause");
      return 0;
    }
  }

  /** {@code caravan resume}. */
  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Ends a pause, a drain or a stop.")
  static final class Resume extends Held {
    @Override
    public Integer call() throws Engine.CommandFailure {
      hold("resume");
      return 0;
    }
  }

  /** {@code caravan drain}. */
  @Command(
      name = "drain",
      mixinStandardHelpOptions = true,
      description = "Pauses, lets what is under way finish, and returns when that is so.")
  static final class Drain extends Held {
    @Override
    public Integer call() throws Engine.CommandFailure {
      return holdUntilIdle("drain");
    }
  }

  /** {@code caravan stop}. */
  @Command(
      name = "stop",
      mixinStandardHelpOptions = true,
      description = "Pauses and breaks off what is under way; the daemon keeps running.")
  static final class Stop extends Held {
    @Override
    public Integer call() throws Engine.CommandFailure {
      return holdUntilIdle("stop");
    }
  }

  /** {@code caravan bandwidth}. */
  @Command(
      name = "bandwidth",
      mixinStandardHelpOptions = true,
      description = "Sets how fast the daemon moves bytes, until it ends.")
  static final class Limit extends Told {
    @Parameters(
        paramLabel = "LIMIT",
        description = "10MiB/s, a timetable such as '08:00,512KiB/s 19:00,off', off, or default.")
    private String limit = "default";

    @Option(names = "--remote", paramLabel = "NAME", description = "Only this remote.")
    private @Nullable String remote;

    @Override
    public Integer call() throws Engine.CommandFailure {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("limit", limit);
      if (remote != null) {
        body.put("remote", remote);
      }
      if (tell("/api/storage/bandwidth", body).get("remotes") instanceof List<?> remotes) {
        for (Object each : remotes) {
          if (each instanceof Map<?, ?> line) {
            out().printf("%s %s%n", Commands.text(line, "name"), Commands.text(line, "limit"));
          }
        }
      }
      out().flush();
      return 0;
    }
  }
}
