package dev.caravan.catalog.export;

import java.util.List;
import java.util.Optional;

/**
 * One export of Dgraph.
 *
 * @param id counts from 1, in the order in which exports were seen
 * @param taskId as the Alpha wrote it; empty where it answered when the export was over
 * @param ask what the client asked for
 * @param task what the Alpha said of it
 * @param attempts tries to bring its files, since the last that went well
 * @param nextMillis when something is to be done; empty when nothing is
 * @param runId of the last try to bring its files
 * @param error one line, why it is not done; empty where all is well
 */
public record ExportRow(
    long id,
    Optional<String> taskId,
    ExportState state,
    Ask ask,
    Task task,
    int attempts,
    Optional<Long> nextMillis,
    Optional<String> runId,
    Optional<String> error) {

  /**
   * What the client asked for.
   *
   * @param format {@code rdf} or {@code json}
   * @param destination where the Alpha itself was told to bring the files, without any secret
   * @param named the files that the Alpha named, below its folder; empty where it named none
   * @param atMillis when the request came
   */
  public record Ask(
      String format, Optional<String> destination, List<String> named, long atMillis) {}

  /**
   * What the Alpha said of it, and what was found then.
   *
   * @param endedMillis when the Alpha said that it ended
   * @param good whether it ended well; empty before it ended
   * @param readTs the read timestamp in the names of its folders, decimal digits
   * @param folder of its objects at the remote, or what their names begin with
   * @param unknowns how often in a row the Alpha did not know how it fares
   * @param changedMillis when the row last changed
   */
  public record Task(
      Optional<Long> endedMillis,
      Optional<Boolean> good,
      Optional<String> readTs,
      Optional<String> folder,
      int unknowns,
      long changedMillis) {}
}
