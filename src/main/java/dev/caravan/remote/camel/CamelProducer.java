package dev.caravan.remote.camel;

import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;

/** Sends messages to endpoints and hands back what they answer. */
public final class CamelProducer implements AutoCloseable {

  private final Supplier<CamelContext> context;
  private @Nullable ProducerTemplate template;

  /**
   * @param context is asked for once something is sent, for remotes are there before Camel is
   */
  public CamelProducer(Supplier<CamelContext> context) {
    this.context = context;
  }

  /** Sends nothing: for who has to know of the remote, but runs no routes. */
  public static CamelProducer idle() {
    return new CamelProducer(
        () -> {
          throw new IllegalStateException("no routes run here");
        });
  }

  private synchronized ProducerTemplate template() {
    if (template == null) {
      template = context.get().createProducerTemplate();
    }
    return template;
  }

  /** Sends a message; returns once the endpoint has dealt with it. */
  void send(String uri, @Nullable InputStream body, Map<String, Object> headers) throws Exception {
    exchange(uri, body, headers, ExchangePattern.InOnly);
  }

  /** Asks for content; empty when the endpoint answers with nothing. */
  Optional<InputStream> ask(String uri, Map<String, Object> headers) throws Exception {
    Exchange answer = exchange(uri, null, headers, ExchangePattern.InOut);
    Object body = answer.getMessage().getBody();
    return body == null
        ? Optional.empty()
        : Optional.of(answer.getMessage().getMandatoryBody(InputStream.class));
  }

  private Exchange exchange(
      String uri, @Nullable InputStream body, Map<String, Object> headers, ExchangePattern pattern)
      throws Exception {
    Exchange exchange =
        template()
            .send(
                uri,
                pattern,
                message -> {
                  message.getMessage().setBody(body);
                  message.getMessage().setHeaders(new HashMap<>(headers));
                });
    Exception fault = exchange.getException();
    if (fault instanceof CamelExecutionException && fault.getCause() instanceof Exception cause) {
      throw cause;
    }
    if (fault != null) {
      throw fault;
    }
    return exchange;
  }

  @Override
  public synchronized void close() {
    if (template != null) {
      template.stop();
    }
  }
}
