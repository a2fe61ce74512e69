package dev.caravan.config.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoopbackTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LocalHost",
        "127.0.0.1",
        "127.9.8.7",
        "::1",
        "[::1]",
        "0:0:0:0:0:0:0:1"
      })
  void onlyThisMachineReachesThese(String host) {
    assertThat(Loopback.is(host)).isTrue();
    String written = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    assertThat(Loopback.isReadableOnTheWay(URI.create("http://" + written + ":9000/x"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h",
        "0.0.0.0",
        "127.example.org",
        "127.0.0.1.example.org",
        "::",
        "::2",
        "10.0.0.1"
      })
  void othersReachThese(String host) {
    assertThat(Loopback.is(host)).isFalse();
    String written = host.contains(":") ? "[" + host + "]" : host;
    assertThat(Loopback.isReadableOnTheWay(URI.create("http://" + written))).isTrue();
    assertThat(Loopback.isReadableOnTheWay(URI.create("https://" + written))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://under_score:9000", "http:///nowhere"})
  void anAddressWithoutAHostThatIsUnderstoodIsAnybodys(String address) {
    assertThat(Loopback.isReadableOnTheWay(URI.create(address))).isTrue();
  }
}
