package dev.caravan.config;

import java.util.Map;

/**
 * The whole configuration, complete and checked.
 *
 * @param camel keys handed to Camel as they are, each with its {@code camel.} in front
 */
public record Settings(
    StoreSettings store,
    StorageSettings storage,
    PurgeSettings purge,
    HttpSettings http,
    AlertSettings alerts,
    RunsSettings runs,
    RoutesSettings routes,
    Map<String, String> camel) {}
