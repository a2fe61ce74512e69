package dev.caravan.arch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One file of routes, as YAML that was read but not understood.
 *
 * @param name of the file, for messages
 */
record RouteFile(String name, JsonNode content) {

  private static final String SUFFIX = ".camel.yaml";

  static RouteFile parse(String name, String text) {
    try {
      return new RouteFile(name, new YAMLMapper().readTree(text));
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  static List<RouteFile> inFolder(Path folder) {
    try (Stream<Path> paths = Files.list(folder)) {
      List<RouteFile> files = new ArrayList<>();
      for (Path path : paths.sorted().toList()) {
        if (path.toString().endsWith(SUFFIX)) {
          files.add(parse(path.getFileName().toString(), Files.readString(path)));
        }
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The routes of this file. */
  List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    for (JsonNode entry : content) {
      if (entry.has("route")) {
        routes.add(new Route(name, entry.get("route")));
      }
    }
    return routes;
  }

  /** One route. */
  record Route(String file, JsonNode node) {

    String id() {
      return node.path("id").asText("");
    }

    String place() {
      return file + ": route '" + id() + "'";
    }

    /** Where it begins, without options: {@code direct:sync-run}. */
    String from() {
      return node.path("from").path("uri").asText("").replaceFirst("\\?.*", "");
    }

    List<JsonNode> steps() {
      List<JsonNode> steps = new ArrayList<>();
      collect(node, steps);
      return steps;
    }

    private static void collect(JsonNode node, List<JsonNode> steps) {
      for (JsonNode step : node.path("steps")) {
        steps.add(step);
      }
      for (JsonNode child : node) {
        collect(child, steps);
      }
    }

    int nesting() {
      return depth(node);
    }

    private static int depth(JsonNode node) {
      int deepest = 0;
      for (JsonNode child : node) {
        deepest = Math.max(deepest, depth(child));
      }
      return deepest + (node.has("steps") ? 1 : 0);
    }
  }
}
