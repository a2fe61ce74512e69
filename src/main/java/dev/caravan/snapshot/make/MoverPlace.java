package dev.caravan.snapshot.make;

import dev.caravan.remote.Remote;
import dev.caravan.remote.TransferMeter;
import dev.caravan.snapshot.env.MoverEnvironment;
import dev.caravan.snapshot.env.MoverSettings;
import dev.caravan.snapshot.report.ReportSettings;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where backups lie and where their metrics go, as the environment says: read in one way by all
 * commands of the mover.
 *
 * @param notes for the log, a line each
 */
public record MoverPlace(MoverSettings settings, ReportSettings reports, List<String> notes) {

  /**
   * What became of reading.
   *
   * @param settings as far as they could be read, for what else may be found wrong with them
   * @param place empty as soon as anything is wrong
   * @param problems a line for each thing that is wrong, without the value of a secret
   */
  public record Read(MoverSettings settings, Optional<MoverPlace> place, List<String> problems) {}

  /** Reads the environment; the bucket is not asked for anything. */
  public static Read read(Map<String, String> env) {
    MoverEnvironment.Result read = MoverEnvironment.read(env);
    List<String> problems = new ArrayList<>(read.problems());
    ReportSettings reports = ReportSettings.read(env, problems::add);
    return new Read(
        read.settings(),
        problems.isEmpty()
            ? Optional.of(new MoverPlace(read.settings(), reports, read.notes()))
            : Optional.empty(),
        List.copyOf(problems));
  }

  /** {@code bucket/prefix}: the name under which the runs of one backup are counted. */
  public String name() {
    String prefix = settings.bucket().prefix();
    return settings.bucket().bucket() + (prefix.isEmpty() ? "" : "/" + prefix);
  }

  /**
   * The prefix; nothing is opened yet, and the caller closes.
   *
   * @param meter is told of bytes as they move
   */
  public Remote remote(TransferMeter meter, Clock clock) {
    return MoverMaker.remote(settings, meter, clock);
  }
}
