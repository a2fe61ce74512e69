package dev.caravan.arch.sample.sync;

import org.apache.camel.Exchange;

/** Breaks nothing: the one kind of class in a capability that sees an Exchange. */
public final class AllowedSteps {
  public String look(Exchange exchange) {
    return exchange.getExchangeId();
  }
}
