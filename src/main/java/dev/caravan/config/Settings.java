package dev.caravan.config;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The whole configuration, complete and checked.
 *
 * @param archives in the order of the configuration
 * @param camel keys handed to Camel as they are, each with its {@code camel.} in front
 */
public record Settings(
    StoreSettings store,
    StorageSettings storage,
    PurgeSettings purge,
    CheckSettings check,
    HttpSettings http,
    AlertSettings alerts,
    RunsSettings runs,
    RoutesSettings routes,
    LogSettings log,
    List<ArchiveSettings> archives,
    DgraphSettings dgraph,
    Map<String, String> camel) {

  /** Everything but the values under {@code camel}, any of which may be a password. */
  @Override
  public String toString() {
    return "Settings["
        + Stream.of(store, storage, purge, check, http, alerts, runs, routes, log, dgraph)
            .map(Record::toString)
            .collect(Collectors.joining(", "))
        + ", archives="
        + archives
        + ", camel="
        + camel.keySet()
        + "]";
  }
}
