package dev.caravan.snapshot.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportSettingsTest {

  @TempDir Path folder;
  private final List<String> problems = new ArrayList<>();

  private ReportSettings read(String name, String value) {
    return ReportSettings.read(Map.of(name, value), problems::add);
  }

  @Test
  void nothingIsAskedForWhereNothingIsSet() {
    ReportSettings settings = read("PUSHGATEWAY_URL", " ");
    assertThat(settings.pushgateway()).isEmpty();
    assertThat(settings.textfile()).isEmpty();
    assertThat(problems).isEmpty();
  }

  @Test
  void theUserIsTakenOutOfTheAddress() {
    ReportSettings settings = read("PUSHGATEWAY_URL", "https://me:hidden@[::1]:9091/push/");
    assertThat(settings.pushgateway()).hasValue(URI.create("https://[::1]:9091/push"));
    assertThat(settings.authorization().orElseThrow().reveal()).isEqualTo("Basic bWU6aGlkZGVu");
    assertThat(settings.toString()).doesNotContain("hidden", "bWU6");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gateway:9091", "ftp://host", "http://", "http://u:hidden@a b", "http://h/?q"})
  void aBadAddressIsOneProblemThatNamesNoSecret(String address) {
    assertThat(read("PUSHGATEWAY_URL", address).pushgateway()).isEmpty();
    assertThat(problems).singleElement().asString().startsWith("PUSHGATEWAY_URL");
    assertThat(problems.get(0)).doesNotContain("hidden");
  }

  @Test
  void aFileMustBeOneThatTheNodeExporterReads() {
    assertThat(read("METRICS_TEXTFILE", folder + "/a.prom").textfile())
        .hasValue(folder.resolve("a.prom"));
    assertThat(problems).isEmpty();
    read("METRICS_TEXTFILE", folder + "/a.txt");
    read("METRICS_TEXTFILE", folder + "/none/a.prom");
    read("METRICS_TEXTFILE", "\0.prom");
    assertThat(problems).hasSize(3).allMatch(each -> each.startsWith("METRICS_TEXTFILE"));
  }

  @Test
  void theNamespaceIsTheOneThatIsSaidElseTheServiceAccounts() throws Exception {
    Path file = Files.writeString(folder.resolve("namespace"), "shop\n");
    assertThat(ReportSettings.namespace(Map.of("POD_NAMESPACE", "else"), file)).isEqualTo("else");
    assertThat(ReportSettings.namespace(Map.of("POD_NAMESPACE", ""), file)).isEqualTo("shop");
    assertThat(ReportSettings.namespace(Map.of(), folder.resolve("none"))).isEmpty();
  }
}
