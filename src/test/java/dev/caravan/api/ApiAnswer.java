package dev.caravan.api;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What was answered, with all its headers. */
public record ApiAnswer(int status, Map<String, List<String>> headers, String body) {

  public static ApiAnswer of(HttpResponse<String> response) {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.putAll(response.headers().map());
    return new ApiAnswer(response.statusCode(), headers, response.body());
  }

  public Optional<String> header(String name) {
    return headers.getOrDefault(name, List.of()).stream().findFirst();
  }
}
