package dev.caravan.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  private static final ObjectMapper JACKSON = new ObjectMapper();

  private static Map<String, Object> everything() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("text", "a \"quoted\" \u0001 é 🚚 \u2028 line\n");
    all.put("", "");
    all.put("int", -7);
    all.put("long", Long.MIN_VALUE);
    all.put("double", 0.1);
    all.put("big", BigInteger.TWO.pow(80));
    all.put("true", true);
    all.put("false", false);
    all.put("null", null);
    all.put("list", Arrays.asList(1, null, List.of(), Map.of("a", List.of("b"))));
    all.put("empty", Map.of());
    return all;
  }

  @Test
  void writesWhatJacksonsMapperWrites() throws IOException {
    assertThat(Json.write(everything())).isEqualTo(JACKSON.writeValueAsString(everything()));
    assertThat(Json.indent(everything()))
        .isEqualTo(
            JACKSON
                .writer()
                .with(SerializationFeature.INDENT_OUTPUT)
                .writeValueAsString(everything()));
    assertThat(Json.write(new BigDecimal("1.50"))).isEqualTo("1.50");
    assertThat(Json.write(null)).isEqualTo("null");
  }

  @Test
  void readsWhatJacksonsMapperReads() throws IOException {
    String text = JACKSON.writeValueAsString(everything());
    assertThat(Json.read(text))
        .isEqualTo(JACKSON.readValue(text, new TypeReference<Map<String, Object>>() {}))
        .isEqualTo(everything());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "1", "null", "{", "{\"a\":", "{\"a\":[1", "{\"a\":1} 2", "{a:1}", "{]"})
  void whatIsNoObjectIsRefused(String text) {
    assertThatThrownBy(() -> Json.read(text)).isInstanceOf(IOException.class);
  }

  @Test
  void otherValuesAreRefused() {
    assertThatThrownBy(() -> Json.write(Map.of("path", Path.of("/"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Path");
    assertThatThrownBy(() -> Json.write((short) 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
