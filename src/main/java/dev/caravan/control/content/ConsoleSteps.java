package dev.caravan.control.content;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.apache.camel.Exchange;

/**
 * Serves the console: one page, which asks the API for all that it shows; registered as the bean
 * {@code console}. The page itself tells nothing, so that it needs no token.
 */
public final class ConsoleSteps {

  private static final String PAGE = "/console/index.html";

  /** {@code GET /}: the page. Nothing but its own script runs in it, and it asks nobody else. */
  public void page(Exchange exchange) {
    String page = read();
    exchange.getMessage().removeHeaders("*");
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 200);
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "text/html; charset=utf-8");
    exchange.getMessage().setHeader("Content-Security-Policy", policy(page));
    exchange.getMessage().setHeader("Referrer-Policy", "no-referrer");
    exchange.getMessage().setBody(page.getBytes(StandardCharsets.UTF_8));
  }

  private static String policy(String page) {
    return "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none';"
        + " frame-ancestors 'none'; script-src '%s'; style-src '%s'"
            .formatted(sum(page, "script"), sum(page, "style"));
  }

  /** The sum that the browser compares with what stands in the only element of this name. */
  private static String sum(String page, String element) {
    int begin = page.indexOf("<" + element + ">") + element.length() + 2;
    String content = page.substring(begin, page.indexOf("</" + element + ">", begin));
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(sum);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  private static String read() {
    try (InputStream in = ConsoleSteps.class.getResourceAsStream(PAGE)) {
      if (in == null) {
        throw new IllegalStateException(PAGE + " is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(PAGE + " cannot be read from the jar", e);
    }
  }
}
