package dev.caravan.config.read;

import dev.caravan.config.CamelSettings;

/** What must hold for one remote of the operator's own endpoints. */
final class CamelRules {
  private static final String ENDPOINT = "[A-Za-z][A-Za-z0-9+.-]*:[^\\s\\p{Cntrl}].*";

  private final Findings findings;

  CamelRules(Findings findings) {
    this.findings = findings;
  }

  void check(CamelSettings camel, String path) {
    camel
        .endpoints()
        .forEach(
            (key, uri) ->
                findings.check(
                    !uri.matches(ENDPOINT),
                    path + "." + key,
                    "is not the URI of an endpoint",
                    "write a component, a colon and a name: direct:put-file"));
  }
}
