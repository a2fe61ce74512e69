package dev.caravan.alert;

import java.util.List;

/** What follows from a piece of news: how the runs have fared with it, and what is to be told. */
record AlertPlan(Streak streak, List<Message> messages) {}
