package dev.caravan.arch;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.catalog.EndpointValidationResult;

/** The rules for route files: what a person who opens one can rely on. */
final class RouteRules {

  static final int MAX_STEPS = 12;
  static final int MAX_NESTING = 3;

  private static final Pattern INTERNAL =
      Pattern.compile("(direct|seda):([A-Za-z0-9._-]+)(\\?.*)?");
  private static final Pattern NAME = Pattern.compile("[a-z0-9]+([.-][a-z0-9]+)*");
  private static final Set<String> SCRIPTS =
      Set.of(
          "script",
          "scriptLanguage",
          "groovy",
          "java",
          "joor",
          "javaScript",
          "js",
          "mvel",
          "ognl",
          "python",
          "spel",
          "datasonnet",
          "wasm",
          "xquery");
  private static final Set<String> BANNED_SCHEMES =
      Set.of("sql", "sql-stored", "jdbc", "language", "groovy", "class");

  private static final CamelCatalog CATALOG = new DefaultCamelCatalog();
  private static final JsonSchema SCHEMA = loadSchema();

  private final Set<String> publicEndpoints;

  /**
   * @param publicEndpoints as URIs without options
   */
  RouteRules(Set<String> publicEndpoints) {
    this.publicEndpoints = publicEndpoints;
  }

  List<String> violations(List<RouteFile> files) {
    List<String> found = new ArrayList<>();
    for (RouteFile file : files) {
      SCHEMA
          .validate(file.content())
          .forEach(fault -> found.add(file.name() + ": " + fault.getMessage()));
      checkNodes(file.name(), "", file.content(), found);
      file.routes().forEach(route -> checkRoute(route, found));
    }
    checkEnds(files, found);
    return found;
  }

  /** Public endpoints that nothing serves, or more than one route. */
  List<String> missing(List<RouteFile> files) {
    Map<String, Integer> consumers = consumers(files);
    return publicEndpoints.stream()
        .filter(uri -> consumers.getOrDefault(uri, 0) != 1)
        .map(uri -> uri + " has " + consumers.getOrDefault(uri, 0) + " consumers, must have one")
        .sorted()
        .toList();
  }

  private void checkRoute(RouteFile.Route route, List<String> found) {
    if (!NAME.matcher(route.id()).matches()) {
      found.add(route.place() + " needs an id of small letters, digits, - and .");
    }
    if (route.node().path("description").asText("").isBlank()) {
      found.add(route.place() + " needs a description");
    }
    if (route.steps().size() > MAX_STEPS) {
      found.add(route.place() + " has " + route.steps().size() + " steps, at most " + MAX_STEPS);
    }
    if (route.nesting() > MAX_NESTING) {
      found.add(route.place() + " nests " + route.nesting() + " deep, at most " + MAX_NESTING);
    }
    Matcher internal = INTERNAL.matcher(route.from());
    if (internal.matches()) {
      String name = internal.group(2);
      if (!name.equals(route.id())) {
        found.add(route.place() + " must be called like its endpoint " + route.from());
      }
      if (!name.contains(".") && !publicEndpoints.contains(route.from())) {
        found.add(
            route.place() + " looks public but is not in RouteContract; a private name has a dot");
      }
    }
  }

  private void checkNodes(String place, String key, JsonNode node, List<String> found) {
    node.properties()
        .forEach(
            child -> {
              if (SCRIPTS.contains(child.getKey())) {
                found.add(place + ": '" + child.getKey() + "': no scripts in routes");
              }
              boolean shortForm = Set.of("to", "toD", "wireTap").contains(child.getKey());
              if (shortForm && child.getValue().isTextual()) {
                found.add(place + ": write '" + child.getKey() + ": {uri: ...}', the long form");
              }
            });
    if (node.path("uri").isTextual()) {
      checkEndpoint(node, key.equals("from")).ifPresent(fault -> found.add(place + ": " + fault));
    }
    node.properties().forEach(e -> checkNodes(place, e.getKey(), e.getValue(), found));
    if (node.isArray()) {
      node.forEach(child -> checkNodes(place, key, child, found));
    }
  }

  private Optional<String> checkEndpoint(JsonNode node, boolean consumer) {
    String uri = node.get("uri").asText();
    String scheme = uri.replaceFirst(":.*", "");
    if (BANNED_SCHEMES.contains(scheme)) {
      return Optional.of(uri + ": every SQL statement and every decision is Java");
    }
    boolean dynamic = uri.replaceFirst("\\?.*", "").contains("${");
    if (dynamic || isOurOwn(scheme)) {
      return Optional.empty();
    }
    StringBuilder whole = new StringBuilder(uri);
    node.path("parameters")
        .properties()
        .forEach(
            e ->
                whole
                    .append(whole.indexOf("?") < 0 ? '?' : '&')
                    .append(e.getKey())
                    .append('=')
                    .append(
                        URLEncoder.encode(e.getValue().asText(), StandardCharsets.UTF_8)
                            .replace("%7B", "{")
                            .replace("%7D", "}")
                            .replace("%23", "#")
                            .replace("%24", "$")));
    EndpointValidationResult result =
        CATALOG.validateEndpointProperties(whole.toString(), false, consumer, !consumer);
    if (result.getUnknownComponent() != null) {
      return Optional.of(uri + ": there is no component '" + scheme + "'");
    }
    return result.isSuccess()
        ? Optional.empty()
        : Optional.of(result.summaryErrorMessage(false).strip().replaceAll("\\s+", " "));
  }

  /** Components of the project itself are declared where Camel looks for them. */
  private static boolean isOurOwn(String scheme) {
    String declaration = "META-INF/services/org/apache/camel/component/" + scheme;
    return RouteRules.class.getClassLoader().getResource(declaration) != null
        && CATALOG.componentJSonSchema(scheme) == null;
  }

  private void checkEnds(List<RouteFile> files, List<String> found) {
    Map<String, Integer> ids = new HashMap<>();
    files.stream()
        .flatMap(file -> file.routes().stream())
        .forEach(route -> ids.merge(route.id(), 1, Integer::sum));
    ids.forEach(
        (id, times) -> {
          if (times > 1) {
            found.add("route '" + id + "' is there " + times + " times");
          }
        });
    Map<String, Integer> consumers = consumers(files);
    for (RouteFile file : files) {
      for (String called : called("", file.content())) {
        int serving = consumers.getOrDefault(called, 0);
        if (serving != 1) {
          found.add(file.name() + ": calls " + called + ", which " + serving + " routes serve");
        }
      }
    }
  }

  private static Map<String, Integer> consumers(List<RouteFile> files) {
    Map<String, Integer> consumers = new HashMap<>();
    files.stream()
        .flatMap(file -> file.routes().stream())
        .forEach(route -> consumers.merge(route.from(), 1, Integer::sum));
    return consumers;
  }

  /** Every {@code direct:} and {@code seda:} that something is sent to. */
  private static List<String> called(String key, JsonNode node) {
    List<String> uris = new ArrayList<>();
    if (node.isTextual()) {
      Matcher internal = INTERNAL.matcher(node.asText());
      if (internal.matches()) {
        uris.add(internal.group(1) + ":" + internal.group(2));
      }
    }
    node.properties()
        .forEach(
            child -> {
              boolean consumes = key.equals("from") && child.getKey().equals("uri");
              if (!consumes) {
                uris.addAll(called(child.getKey(), child.getValue()));
              }
            });
    if (node.isArray()) {
      node.forEach(child -> uris.addAll(called(key, child)));
    }
    return uris;
  }

  private static JsonSchema loadSchema() {
    String name = "schema/camelYamlDsl.json";
    try (InputStream text = RouteRules.class.getClassLoader().getResourceAsStream(name)) {
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
