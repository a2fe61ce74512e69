package dev.caravan.event;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened, as it is told to whoever listens.
 *
 * @param id greater by one than that of the event before
 * @param run the run that it is about, where it is about one
 */
public record Event(long id, Optional<RunId> run, EventContent content) {

  public String kind() {
    return content.kind();
  }

  /** All fields, by the names under which listeners know them. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    run.ifPresent(id -> fields.put("run_id", id.value()));
    fields.putAll(content.fields());
    return fields;
  }
}
