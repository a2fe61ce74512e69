package dev.caravan.arch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.route.RouteContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the bundled route files to their rules, and each rule to a small file that breaks it. */
class RoutesTest {

  private static final Path BUNDLED = Path.of("src/main/resources/routes");

  private static final RouteRules RULES =
      new RouteRules(
          Arrays.stream(RouteContract.values())
              .map(RouteContract::uri)
              .collect(Collectors.toSet()));

  @Test
  void theBundledRoutesKeepTheirRules() {
    List<RouteFile> files = RouteFile.inFolder(BUNDLED);
    List<String> found = new ArrayList<>(RULES.violations(files));
    found.addAll(RULES.missing(files));
    assertThat(files).as("bundled files").isNotEmpty();
    assertThat(found).as("%s", String.join("\n", found)).isEmpty();
  }

  @Test
  void aTidyRouteIsNotCaught() {
    assertThat(
            violations(
                """
                - route:
                    id: sync-run
                    description: Runs once
                    from:
                      uri: direct:sync-run
                      steps:
                        - to: {uri: "direct:sync.item"}
                        - to: {uri: "seda:sync-request", parameters: {discardWhenFull: true}}
                        - toD: {uri: "direct:${header.a}"}
                - route:
                    id: sync.item
                    description: One item
                    from:
                      uri: direct:sync.item
                      steps:
                        - setBody: {expression: {simple: {expression: "${body}"}}}
                - route:
                    id: sync-request
                    description: Wakes the sync
                    from:
                      uri: seda:sync-request
                      parameters: {size: 1, multipleConsumers: "{{a.b}}"}
                      steps:
                        - to: {uri: "log:caravan", parameters: {level: DEBUG}}
                """))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "setBdy: {simple: a} | setBdy",
        "to: {uri: 'log:a', parameters: {levl: INFO}} | levl",
        "to: {uri: 'log:a?level=LOUD'} | LOUD",
        "to: {uri: 'nosuchthing:a'} | nosuchthing",
        "to: 'log:a' | long form",
        "to: {uri: 'sql:select 1'} | SQL",
        "to: {uri: 'direct:nobody.here'} | direct:nobody.here, which 0 routes serve",
        "script: {expression: {groovy: {expression: a}}} | no scripts",
        "setBody: {expression: {groovy: {expression: a}}} | no scripts",
        "delay: {expression: {constant: {expression: 1}}, asyncDelayed: 5} | asyncDelayed",
      })
  void aBadStepIsCaught(String step, String named) {
    assertThat(violations(route("a.b", "what it does", "direct:a.b", step)))
        .anySatisfy(line -> assertThat(line).contains(named));
  }

  @ParameterizedTest
  @CsvSource({
    "'', what it does, direct:a.b, needs an id",
    "A_b, what it does, direct:A_b, needs an id",
    "a.b, '', direct:a.b, needs a description",
    "a.b, what it does, direct:a.c, must be called like its endpoint",
    "a-b, what it does, direct:a-b, not in RouteContract",
    "a.b, what it does, timer:a?perod=5, perod",
  })
  void aBadRouteIsCaught(String id, String description, String from, String named) {
    assertThat(violations(route(id, description, from, "stop: {}")))
        .anySatisfy(line -> assertThat(line).contains(named));
  }

  @Test
  void aLongOrDeepRouteIsCaught() {
    String step = "to: {uri: 'log:a'}";
    String twelve = String.join("\n      - ", Collections.nCopies(12, step));
    assertThat(violations(route("a.b", "x", "direct:a.b", twelve))).isEmpty();
    assertThat(violations(route("a.b", "x", "direct:a.b", twelve + "\n      - " + step)))
        .singleElement()
        .asString()
        .contains("13 steps");
    String three = loop(loop(step));
    assertThat(violations(route("a.b", "x", "direct:a.b", three))).isEmpty();
    assertThat(violations(route("a.b", "x", "direct:a.b", loop(three))))
        .singleElement()
        .asString()
        .contains("nests 4 deep");
  }

  @Test
  void twoRoutesOfOneNameAreCaught() {
    String one = route("a.b", "x", "direct:a.b", "to: {uri: 'direct:a.b'}");
    assertThat(violations(one + one))
        .anySatisfy(line -> assertThat(line).contains("'a.b' is there 2 times"))
        .anySatisfy(line -> assertThat(line).contains("direct:a.b, which 2 routes serve"));
  }

  @Test
  void aPublicEndpointThatNothingServesIsCaught() {
    RouteRules two = new RouteRules(Set.of("direct:a-b", "seda:c-d"));
    List<RouteFile> files =
        List.of(RouteFile.parse("a", route("a-b", "x", "direct:a-b", "stop: {}")));
    assertThat(two.violations(files)).isEmpty();
    assertThat(two.missing(files)).containsExactly("seda:c-d has 0 consumers, must have one");
  }

  @Test
  void everyPublicNameHasAHyphenOrIsOneWord() {
    assertThat(RouteContract.values())
        .allSatisfy(endpoint -> assertThat(endpoint.id()).matches("[a-z]+(-[a-z]+)*"));
  }

  private static String route(String id, String description, String from, String steps) {
    return """
    - route:
        id: '%s'
        description: '%s'
        from:
          uri: '%s'
          steps:
          - %s
    """
        .formatted(id, description, from, steps);
  }

  private static String loop(String step) {
    return "loop: {expression: {constant: {expression: '2'}}, steps: [{" + step + "}]}";
  }

  private static List<String> violations(String yaml) {
    return RULES.violations(List.of(RouteFile.parse("sample.camel.yaml", yaml)));
  }
}
