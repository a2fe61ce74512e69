package dev.caravan.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run stands, in the shape in which it is stored and shown.
 *
 * @param progress what is done, of how much
 * @param counts by the names of {@link RunCount}
 * @param bytes moved to or from remotes
 * @param remotes by name
 * @param log_tail the last {@value RunBook#LOG_MAX} lines
 */
@SuppressWarnings("MemberName")
public record RunReport(
    Progress progress,
    Map<String, Long> counts,
    long bytes,
    Map<String, RemoteReport> remotes,
    List<String> log_tail) {

  /** Files done of all, and their bytes. */
  public record Progress(long done, long total, String unit, long bytes_done, long bytes_total) {}

  /** How one remote fares in a run. */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  public record RemoteReport(String state, @Nullable String error) {}
}
