package dev.caravan.remote.s3.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.remote.s3.http.ProxyRules.Proxy;
import dev.caravan.remote.s3.http.ProxyRules.User;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyRulesTest {

  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();

  private Optional<Proxy> proxyFor(String scheme, String host, int port) {
    return new ProxyRules(properties::get, environment::get).proxyFor(scheme, host, port);
  }

  private Optional<String> address(String scheme, String host) {
    return proxyFor(scheme, host, scheme.equals("https") ? 443 : 80)
        .map(proxy -> proxy.address().toString());
  }

  @Test
  void withNothingSetThereIsNone() {
    environment.put("HTTPS_PROXY", " ");
    assertThat(address("https", "s3.example.org")).isEmpty();
    assertThat(address("http", "s3.example.org")).isEmpty();
  }

  @Test
  void eachSchemeHasItsOwn() {
    environment.put("HTTPS_PROXY", "http://secure.example.org:3128");
    assertThat(address("https", "s3.example.org")).contains("http://secure.example.org:3128");
    assertThat(address("http", "s3.example.org")).isEmpty();
    environment.put("http_proxy", "plain.example.org");
    assertThat(address("http", "s3.example.org")).contains("http://plain.example.org:80");
    environment.put("https_proxy", "HTTPS://small.example.org/");
    assertThat(address("https", "s3.example.org")).contains("https://small.example.org:443");
    properties.put("https.proxyHost", "java.example.org");
    assertThat(address("https", "s3.example.org")).contains("http://java.example.org:443");
    properties.put("https.proxyPort", "8080");
    assertThat(address("https", "s3.example.org")).contains("http://java.example.org:8080");
  }

  @Test
  void aUserIsKnownAndNotShown() {
    environment.put("HTTPS_PROXY", "http://me:s%40cret@proxy.example.org:3128");
    Proxy proxy = proxyFor("https", "s3.example.org", 443).orElseThrow();
    assertThat(proxy.address()).isEqualTo(URI.create("http://proxy.example.org:3128"));
    assertThat(proxy.user()).contains(new User("me", "s@cret"));
    assertThat(proxy.toString()).doesNotContain("cret");
    properties.put("http.proxyHost", "java.example.org");
    properties.put("http.proxyUser", "you");
    assertThat(proxyFor("http", "s3.example.org", 80).orElseThrow().user())
        .contains(new User("you", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST",
        "s3.localhost",
        "127.0.0.1",
        "127.8.9.1",
        "::1",
        "[::1]"
      })
  void thisMachineIsReachedWithoutOne(String host) {
    environment.put("HTTP_PROXY", "http://proxy.example.org:3128");
    properties.put("http.proxyHost", "proxy.example.org");
    assertThat(address("http", host)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "example.org example.org true",
        "example.org s3.Example.org true",
        "example.org badexample.org false",
        ".example.org s3.example.org true",
        ".example.org example.org false",
        "*.example.org s3.example.org true",
        "* anything true",
        "a,,example.org,b s3.example.org true",
        "example.org:443 example.org true",
        "example.org:9000 example.org false",
        "10.1.2.3 10.1.2.3 true",
        "10.1.2.3 10.1.2.30 false",
        "10.1.2.3:443 10.1.2.3 true",
        "10.1.2.3:80 10.1.2.3 false",
        "10.0.0.0/8 10.255.0.1 true",
        "10.0.0.0/8 11.0.0.1 false",
        "10.0.0.0/8 ten.example.org false",
        "172.16.0.0/12 172.31.9.9 true",
        "172.16.0.0/12 172.32.0.1 false",
        "0.0.0.0/0 9.9.9.9 true",
        "10.0.0.0/33 10.0.0.0 false",
        "10.0.0.0/ 10.0.0.0 false",
        "fd00::/8 [fd12::1] true",
        "fd00::/8 [fe80::1] false",
        "fd12::1 fd12::1 true",
        "[fd12::1]:443 [fd12::1] true",
        "[fd12::1]:80 [fd12::1] false",
        "1.2.3.4 1.2.3.4.example.org false",
      })
  void someAreExceptedByTheEnvironment(String rules, String host, boolean excepted) {
    environment.put("https_proxy", "http://proxy.example.net:3128");
    environment.put("NO_PROXY", rules.replace("a,,", "a, ,"));
    assertThat(address("https", host).isEmpty()).isEqualTo(excepted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "*.example.org s3.example.org true",
        "*.example.org example.org false",
        "example.org example.org true",
        "example.org s3.example.org false",
        "10.1.* 10.1.2.3 true",
        "x|10.* 11.1.2.3 false",
        "x|*mid* a-mid-b true",
        "* anything true",
      })
  void someAreExceptedForJava(String patterns, String host, boolean excepted) {
    properties.put("https.proxyHost", "proxy.example.net");
    properties.put("http.nonProxyHosts", patterns);
    assertThat(address("https", host).isEmpty()).isEqualTo(excepted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://me:secret@", "socks5://me:secret@host:1", "http://me:se cret@host", "://"})
  void whatIsNoProxyIsSaidWithoutItsPassword(String value) {
    environment.put("HTTPS_PROXY", value);
    assertThatThrownBy(() -> proxyFor("https", "s3.example.org", 443))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("HTTPS_PROXY")
        .message()
        .doesNotContain("cret");
  }
}
