package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each kustomization builds, fits the models of Kubernetes, and hangs together. */
class ManifestsIT {

  static List<String> folders() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("k8s"))) {
      return files
          .filter(file -> file.endsWith("kustomization.yaml"))
          .map(file -> file.getParent().toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void everyFolderIsFound() throws Exception {
    assertThat(folders())
        .contains(
            "k8s/base",
            "k8s/monitoring/dashboard",
            "k8s/monitoring/operator",
            "k8s/monitoring/rules",
            "k8s/overlays/cronjob-mover",
            "k8s/overlays/dgraph-sidecar",
            "k8s/overlays/minio",
            "k8s/overlays/network-policy",
            "k8s/overlays/operator-job");
  }

  @ParameterizedTest
  @MethodSource("folders")
  void everyObjectFitsItsModel(String folder) {
    assertThat(Manifests.build(folder).objects())
        .isNotEmpty()
        .allSatisfy(object -> assertThat(Manifests.typed(object)).isNotNull());
  }

  @Test
  void theOperatorsRulesAreThoseThatAreTested() throws Exception {
    List<JsonNode> groups = new ArrayList<>();
    for (String name : List.of("caravan", "datamover")) {
      Manifests rules = Manifests.read(Path.of("k8s/monitoring/rules", name + ".rules.yaml"));
      rules.objects().get(0).path("groups").forEach(groups::add);
    }
    JsonNode written = Manifests.build("k8s/monitoring/operator").get("PrometheusRule", "caravan");
    assertThat(written.at("/spec/groups")).containsExactlyElementsOf(groups);
    assertThat(groups).hasSize(2);
  }

  @Test
  void whatMonitorsAndGuardsTheDaemonFindsIt() {
    JsonNode service = Manifests.build("k8s/base").get("Service", "caravan");
    JsonNode monitor = Manifests.build("k8s/monitoring/operator").get("ServiceMonitor", "caravan");
    Manifests guarded = Manifests.build("k8s/overlays/network-policy");
    JsonNode policy = guarded.get("NetworkPolicy", "caravan");
    JsonNode pod = guarded.get("StatefulSet", "caravan").at("/spec/template");
    assertThat(monitor.at("/spec/selector/matchLabels")).isEqualTo(service.at("/metadata/labels"));
    assertThat(monitor.at("/spec/endpoints/0/port")).isEqualTo(service.at("/spec/ports/0/name"));
    assertThat(monitor.at("/spec/endpoints/0/path").asText())
        .isEqualTo(service.at("/metadata/annotations/prometheus.io~1path").asText());
    assertThat(policy.at("/spec/podSelector/matchLabels")).isEqualTo(pod.at("/metadata/labels"));
    assertThat(policy.at("/spec/ingress/0/ports/0/port"))
        .isEqualTo(pod.at("/spec/containers/0/ports/0/name"));
  }

  @Test
  void theCustomResourceFitsToo() throws Exception {
    Manifests written = Manifests.read(Path.of("k8s/overlays/operator-job/datamover.yaml"));
    assertThat(Manifests.typed(written.objects().get(0)))
        .isInstanceOf(Manifests.MoverResource.class);
    assertThat(written.objects()).hasSize(1);
  }

  @Test
  void aFieldThatIsUnknownOrOfAnotherKindIsRefused() throws Exception {
    String job = Files.readString(Path.of("k8s/overlays/operator-job/job.yaml"));
    for (List<String> change :
        List.of(
            List.of("backoffLimit: 2", "backOffLimit: 2"),
            List.of("backoffLimit: 2", "backoffLimit: two"),
            List.of("runAsNonRoot: true", "runAsNoRoot: true"),
            List.of("emptyDir: {}", "emptydir: {}"),
            List.of("image: caravan", "image: [caravan]"),
            List.of("kind: Job", "kind: Jobs"))) {
      String broken = job.replace(change.get(0), change.get(1));
      assertThat(broken).isNotEqualTo(job);
      assertThatThrownBy(() -> Manifests.typed(Manifests.parse(broken).objects().get(0)))
          .as("%s", change)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void whatPodsNameIsThere(String folder) throws Exception {
    Manifests built = Manifests.build(folder);
    String comment = Files.readString(Path.of(folder, "kustomization.yaml"));
    TreeSet<String> maps = new TreeSet<>();
    built.objects().stream()
        .filter(each -> each.path("kind").asText().equals("ConfigMap"))
        .forEach(each -> maps.add(each.at("/metadata/name").asText()));
    for (JsonNode pod : built.pods()) {
      List<String> volumes = new ArrayList<>(pod.path("volumes").findValuesAsText("name"));
      built.objects().stream()
          .flatMap(each -> each.at("/spec/volumeClaimTemplates").findValuesAsText("name").stream())
          .forEach(volumes::add);
      for (JsonNode container : pod.path("containers")) {
        List<String> places = container.path("volumeMounts").findValuesAsText("mountPath");
        assertThat(volumes).containsAll(container.path("volumeMounts").findValuesAsText("name"));
        // A folder for it cannot be made inside a volume that is read-only.
        assertThat(places)
            .allSatisfy(
                place -> assertThat(places).noneMatch(each -> place.startsWith(each + "/")));
      }
      pod.findValues("configMap")
          .forEach(map -> assertThat(maps).contains(map.at("/name").asText()));
      List<String> secrets = new ArrayList<>(pod.findValuesAsText("secretName"));
      pod.findValues("secretRef").forEach(each -> secrets.add(each.path("name").asText()));
      pod.findValues("secretKeyRef").forEach(each -> secrets.add(each.path("name").asText()));
      boolean itsOwn = !comment.contains("secret generic") && folder.endsWith("operator-job");
      assertThat(secrets)
          .allSatisfy(
              secret -> assertThat(itsOwn || comment.contains("generic " + secret)).isTrue());
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void servicesFindTheirPodsAndPorts(String folder) {
    Manifests built = Manifests.build(folder);
    for (JsonNode service : built.objects()) {
      if (service.path("kind").asText().equals("Service")) {
        JsonNode workload = built.get("StatefulSet", service.at("/metadata/name").asText());
        JsonNode labels = workload.at("/spec/template/metadata/labels");
        assertThat(labels).isEqualTo(workload.at("/spec/selector/matchLabels"));
        assertThat(service.at("/spec/selector")).isEqualTo(labels);
        List<String> ports = workload.findValuesAsText("containerPort");
        List<String> named = new ArrayList<>();
        workload.findValues("ports").forEach(each -> named.addAll(each.findValuesAsText("name")));
        for (JsonNode port : service.at("/spec/ports")) {
          String wanted = port.path("targetPort").asText(port.path("port").asText());
          assertThat(ports.contains(wanted) || named.contains(wanted) || wanted.equals("8080"))
              .as("%s %s", folder, port)
              .isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void ourContainersHaveNoPrivilegeAndALimit(String folder) {
    for (JsonNode pod : Manifests.build(folder).pods()) {
      for (JsonNode container : pod.path("containers")) {
        if (container.path("image").asText().startsWith("caravan")) {
          assertThat(container.path("image").asText()).isEqualTo("caravan:0.1");
          JsonNode security = container.path("securityContext");
          assertThat(security.path("readOnlyRootFilesystem").asBoolean()).as(folder).isTrue();
          assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
          assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
          assertThat(pod.at("/securityContext/runAsUser").asInt()).as(folder).isPositive();
          // The operator sets none.
          if (!folder.endsWith("operator-job")) {
            assertThat(container.at("/resources/limits/memory").asText()).as(folder).isNotEmpty();
          }
        }
      }
    }
  }

  @Test
  void thePodsOfTheOperatorsJobHaveNoCommand() {
    JsonNode pod = Manifests.build("k8s/overlays/operator-job").pods().get(0);
    JsonNode container = pod.path("containers").get(0);
    assertThat(container.has("command") || container.has("args")).isFalse();
    assertThat(container.path("volumeMounts").findValuesAsText("mountPath"))
        .containsExactlyInAnyOrder("/data/", "/config");
  }
}
