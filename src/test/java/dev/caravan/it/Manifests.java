package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The manifests in {@code k8s}, as kubectl builds them. */
final class Manifests {

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final ObjectMapper STRICT =
      new ObjectMapper()
          .setAnnotationIntrospector(new NothingAside())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  private static final Map<String, Class<?>> MODELS =
      Map.of(
          "v1/ConfigMap", ConfigMap.class,
          "v1/Secret", Secret.class,
          "v1/Service", Service.class,
          "apps/v1/StatefulSet", StatefulSet.class,
          "batch/v1/CronJob", CronJob.class,
          "batch/v1/Job", Job.class,
          "datamover.a-cup-of.coffee/v1alpha1/DataMover", MoverResource.class,
          "monitoring.coreos.com/v1/PrometheusRule", RuleResource.class,
          "monitoring.coreos.com/v1/ServiceMonitor", MonitorResource.class,
          "networking.k8s.io/v1/NetworkPolicy", PolicyResource.class);

  private final List<JsonNode> objects;

  private Manifests(List<JsonNode> objects) {
    this.objects = objects;
  }

  /** The models keep what they do not know; here that is a fault. */
  private static final class NothingAside extends JacksonAnnotationIntrospector {
    @Override
    public Boolean hasAnySetter(Annotated member) {
      return false;
    }
  }

  /** The custom resource of the operator, as its definition has it. */
  record MoverResource(String apiVersion, String kind, Meta metadata, Spec spec) {
    record Meta(String name) {}

    record Spec(
        String sourcePvc,
        String secretName,
        List<EnvVar> additionalEnv,
        boolean addTimestampPrefix,
        boolean deletePvcAfterBackup,
        Image image) {}

    record Image(String repository, String tag, String pullPolicy) {}
  }

  /** What a custom resource is called. */
  record Named(String name, Map<String, String> labels) {}

  /** Which objects are meant, by their labels. */
  record Chosen(Map<String, String> matchLabels) {}

  /** Alert rules, as the Prometheus operator has them. */
  record RuleResource(String apiVersion, String kind, Named metadata, Spec spec) {
    record Spec(List<Group> groups) {}

    record Group(String name, List<Rule> rules) {}

    record Rule(
        String alert,
        String expr,
        @JsonProperty("for") String lasting,
        Map<String, String> labels,
        Map<String, String> annotations) {}
  }

  /** What is to be scraped, as the Prometheus operator has it. */
  record MonitorResource(String apiVersion, String kind, Named metadata, Spec spec) {
    record Spec(Chosen selector, List<Endpoint> endpoints) {}

    record Endpoint(String port, String path, String interval) {}
  }

  /** Who may talk to whom. */
  record PolicyResource(String apiVersion, String kind, Named metadata, Spec spec) {
    record Spec(
        Chosen podSelector, List<Kind> policyTypes, List<Ingress> ingress, List<Egress> egress) {}

    enum Kind {
      Ingress,
      Egress
    }

    record Ingress(List<Peer> from, List<Port> ports) {}

    record Egress(List<Port> ports) {}

    record Peer(Chosen podSelector, Chosen namespaceSelector) {}

    record Port(Protocol protocol, String port) {}

    enum Protocol {
      TCP,
      UDP
    }
  }

  /** Builds a folder that holds a kustomization. */
  static Manifests build(String folder) {
    try {
      Process process =
          new ProcessBuilder("kubectl", "kustomize", folder)
              .redirectError(ProcessBuilder.Redirect.PIPE)
              .start();
      String built = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(folder + ": " + said).isZero();
      return parse(built);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static Manifests parse(String yaml) throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    YAML.readerFor(JsonNode.class).<JsonNode>readValues(yaml).forEachRemaining(objects::add);
    return new Manifests(objects);
  }

  static Manifests read(Path file) throws IOException {
    return parse(java.nio.file.Files.readString(file));
  }

  List<JsonNode> objects() {
    return objects;
  }

  /**
   * Fits an object to its model.
   *
   * @throws IllegalArgumentException when it has a field that the model lacks, or a value of
   *     another kind, or when its kind is not among those that are used here
   */
  static Object typed(JsonNode object) {
    String name = object.path("apiVersion").asText() + "/" + object.path("kind").asText();
    Class<?> model =
        Optional.ofNullable(MODELS.get(name))
            .orElseThrow(() -> new IllegalArgumentException("no model for " + name));
    return STRICT.convertValue(object, model);
  }

  JsonNode get(String kind, String name) {
    return objects.stream()
        .filter(each -> each.path("kind").asText().equals(kind))
        .filter(each -> each.at("/metadata/name").asText().replaceFirst(HASH, "").equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
  }

  /** What kustomize adds to the names of generated objects. */
  private static final String HASH = "-[0-9a-z]{10}$";

  /** The pod of each workload. */
  List<JsonNode> pods() {
    return objects.stream()
        .flatMap(
            each ->
                StreamSupport.stream(
                    List.of(
                            each.at("/spec/jobTemplate/spec/template/spec"),
                            each.at("/spec/template/spec"))
                        .spliterator(),
                    false))
        .filter(pod -> pod.has("containers"))
        .toList();
  }

  /** The files of a ConfigMap. */
  Map<String, String> files(String configMap) {
    Map<String, String> files = new LinkedHashMap<>();
    get("ConfigMap", configMap)
        .path("data")
        .properties()
        .forEach(each -> files.put(each.getKey(), each.getValue().asText()));
    return files;
  }
}
