package dev.caravan.catalog;

import java.util.Optional;

/**
 * What the catalog knows of one remote.
 *
 * @param id short name in the other tables
 * @param identity the place it was when its copies were recorded
 * @param owned true once its owner marker was seen to name this store
 * @param reconcile true while what it holds must be looked up before anything is sent
 * @param failures cycles in a row in which the whole remote failed
 * @param retryAtMillis when to try it again by itself; 0 for at once
 * @param error why it failed last
 * @param failingSinceMillis when the first of the failures in a row was; 0 when there is none
 * @param succeededAtMillis when a cycle last succeeded there, if only partly; 0 for never
 */
public record RemoteRow(
    int id,
    String name,
    String identity,
    boolean owned,
    boolean reconcile,
    int failures,
    long retryAtMillis,
    Optional<String> error,
    Optional<LastSync> lastSync,
    long backupAtMillis,
    long failingSinceMillis,
    long succeededAtMillis) {

  /** How the last cycle went for this remote. */
  public record LastSync(
      String runId, String state, long beginMillis, long endMillis, long uploaded, long bytes) {}
}
