package dev.caravan.control.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** The console: its page is whole, and a browser runs nothing in it but its own script. */
class ConsoleStepsTest {

  private static final Pattern ASKED = Pattern.compile("\\bat\\('([a-z]+)'\\)");
  private static final Pattern THERE = Pattern.compile("\\bid=\"([a-z]+)\"");

  private static Exchange page() {
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    exchange.getMessage().setHeader("Cookie", "a=b");
    new ConsoleSteps().page(exchange);
    return exchange;
  }

  private static String body(Exchange exchange) {
    return new String(exchange.getMessage().getBody(byte[].class), StandardCharsets.UTF_8);
  }

  @Test
  void theScriptAsksForNoElementThatThePageHasNot() {
    String page = body(page());
    TreeSet<String> asked =
        ASKED
            .matcher(page)
            .results()
            .map(m -> m.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(asked).hasSizeGreaterThan(10);
    assertThat(THERE.matcher(page).results().map(m -> m.group(1)).toList())
        .doesNotHaveDuplicates()
        .containsAll(asked);
    // Names of files would be markup there.
    assertThat(page).doesNotContain("innerHTML", "insertAdjacentHTML", "document.write", "eval(");
  }

  @Test
  void whoGivesTheTokenSeesAllThatThePageShowsWithoutOne() {
    String page = body(page());
    String door = page.substring(page.indexOf("at('door').onsubmit"));
    String given = door.substring(0, door.indexOf("\n};"));
    String opened = door.substring(given.length() + 4, door.indexOf("setInterval"));
    assertThat(opened.strip().lines().map(String::strip)).hasSize(2);
    assertThat(given.lines().map(String::strip)).containsAll(opened.strip().lines().toList());
  }

  @Test
  void theBrowserIsToldTheSumsOfTheOnlyScriptAndStyle() throws Exception {
    Exchange exchange = page();
    assertThat(exchange.getMessage().getHeader(Exchange.CONTENT_TYPE))
        .asString()
        .startsWith("text/html");
    assertThat(exchange.getMessage().getHeader("Cookie")).isNull();
    String policy = exchange.getMessage().getHeader("Content-Security-Policy", String.class);
    assertThat(policy).contains("default-src 'none'", "frame-ancestors 'none'");
    String page = body(exchange);
    for (String element : new String[] {"script", "style"}) {
      String[] parts = page.split("</?" + element + ">", -1);
      assertThat(parts).as(element).hasSize(3);
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(parts[1].getBytes(StandardCharsets.UTF_8));
      assertThat(policy)
          .contains(element + "-src 'sha256-" + Base64.getEncoder().encodeToString(sum) + "'");
    }
    assertThat(page).doesNotContainPattern("<[a-z]+[^>]* (on[a-z]+|style)=");
  }
}
