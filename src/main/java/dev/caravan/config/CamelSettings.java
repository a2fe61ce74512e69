package dev.caravan.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A place that the operator's own Camel endpoints put files to. What lies there cannot be asked, so
 * copies there prove nothing.
 *
 * @param put is sent each file
 * @param get answers with a file
 * @param delete is told of a file that goes
 */
public record CamelSettings(
    String name,
    @Setting(
            value =
                "Endpoint URI that is sent each file: the body is its content, the headers"
                    + " CamelCaravanStorePath and CamelCaravanObjectKey are its name.",
            example = "direct:put-file")
        String put,
    @Setting(
            value = "Endpoint URI that answers with a file, asked for by the same headers.",
            example = "direct:get-file")
        Optional<String> get,
    @Setting(
            value =
                "Endpoint URI that deletes a file, named by the same headers; used only with"
                    + " storage.deletes: mirror. Without it, files that their owner deleted stay"
                    + " there.",
            example = "direct:delete-file")
        Optional<String> delete)
    implements RemoteSettings {

  @Override
  public String provider() {
    return "camel";
  }

  /** The endpoints that are set, by the keys that name them. */
  public Map<String, String> endpoints() {
    Map<String, String> endpoints = new LinkedHashMap<>();
    endpoints.put("put", put);
    get.ifPresent(uri -> endpoints.put("get", uri));
    delete.ifPresent(uri -> endpoints.put("delete", uri));
    return endpoints;
  }

  /** Without the endpoints, any of which may hold a password. */
  @Override
  public String toString() {
    return "CamelSettings[name=" + name + ", " + endpoints().keySet() + "]";
  }
}
