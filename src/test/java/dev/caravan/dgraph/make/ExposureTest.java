package dev.caravan.dgraph.make;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.DgraphSettings;
import dev.caravan.config.read.ConfigReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who opens the Alpha to the network is told so at the start. */
class ExposureTest {

  @TempDir Path folder;

  private DgraphSettings settings(List<String> sets) {
    ConfigReader.Result read = new ConfigReader(Map.of(), folder).read(Optional.empty(), sets);
    assertThat(read.problems()).isEmpty();
    return read.settings().orElseThrow().dgraph();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "10.1.2.3", "alpha.example.org"})
  void anAddressThatOthersReachWithoutTokenOrAclIsWarnedOf(String host) {
    String sets = "dgraph.host='" + host + "'";
    assertThat(DgraphMaker.exposure(settings(List.of(sets))).orElseThrow())
        .contains(host, "whitelist");
    assertThat(DgraphMaker.exposure(settings(List.of(sets, "dgraph.auth_token=t")))).isEmpty();
    List<String> acl = List.of(sets, "dgraph.user=groot", "dgraph.password=p");
    assertThat(DgraphMaker.exposure(settings(acl))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "localhost", "::1", "0:0:0:0:0:0:0:1"})
  void thisMachineAloneIsFine(String host) {
    assertThat(DgraphMaker.exposure(settings(List.of("dgraph.host='" + host + "'")))).isEmpty();
  }
}
