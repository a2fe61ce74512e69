package dev.caravan.route;

import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.CamelSettings;
import dev.caravan.config.RemoteSettings;
import dev.caravan.config.Settings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What routes may count on, without the things themselves: enough to check a route file where
 * nothing may be started.
 *
 * @param beans by the names under which routes call them
 * @param pools names of thread pools
 * @param remotes names of the remotes
 * @param archives names of the archives
 * @param endpoints that the configuration names, by the key that names them
 * @param camel properties for Camel, each with its {@code camel.} in front
 */
public record RouteShape(
    Map<String, Class<?>> beans,
    Set<String> pools,
    List<String> remotes,
    List<String> archives,
    Map<String, String> endpoints,
    Map<String, String> camel) {

  /** The same that a daemon with these settings would have. */
  public static RouteShape of(Settings settings, Map<String, Class<?>> beans) {
    Set<String> pools = new HashSet<>(Set.of("remotes", "restores", "checks", "exports"));
    Map<String, String> endpoints = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (RemoteSettings remote : settings.storage().remotes()) {
      names.add(remote.name());
      pools.add("transfers-" + remote.name());
      if (remote instanceof CamelSettings camel) {
        camel.endpoints().forEach((key, uri) -> endpoints.put(camel.name() + "." + key, uri));
      }
    }
    List<String> archives = settings.archives().stream().map(ArchiveSettings::name).toList();
    return new RouteShape(beans, pools, names, archives, endpoints, settings.camel());
  }
}
