package dev.caravan.cli.mover;

import dev.caravan.remote.Remote;
import dev.caravan.snapshot.env.MoverEnvironment;
import dev.caravan.snapshot.env.MoverSettings;
import dev.caravan.snapshot.make.MoverMaker;
import dev.caravan.snapshot.report.ReportSettings;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where the backups lie, as the environment says. */
record Place(MoverSettings settings, Remote remote, ReportSettings reports)
    implements AutoCloseable {

  /** The environment is not enough: a line for each thing that is wrong. */
  static final class BadEnvironment extends Exception {
    private static final long serialVersionUID = 1L;

    BadEnvironment(List<String> problems) {
      super(String.join("\n", problems));
    }
  }

  /** Reads the environment; the bucket is not asked for anything yet. */
  static Place of(Map<String, String> env) throws BadEnvironment {
    MoverEnvironment.Result read = MoverEnvironment.read(env);
    List<String> problems = new ArrayList<>(read.problems());
    ReportSettings reports = ReportSettings.read(env, problems::add);
    if (read.settings().isEmpty() || !problems.isEmpty()) {
      throw new BadEnvironment(problems);
    }
    MoverSettings settings = read.settings().get();
    Remote remote = MoverMaker.remote(settings, (name, direction, bytes) -> {}, Clock.systemUTC());
    return new Place(settings, remote, reports);
  }

  /** {@code bucket/prefix}: the name under which the runs of one backup are counted. */
  String name() {
    String prefix = settings.bucket().prefix();
    return settings.bucket().bucket() + (prefix.isEmpty() ? "" : "/" + prefix);
  }

  @Override
  public void close() {
    remote.close();
  }
}
