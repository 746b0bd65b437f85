// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <xrnn/training/history.hpp>

using namespace xrnn;

TEST_CASE("values by name, in the order in which they came") {
    logs l;
    CHECK(l.size() == 0);
    l.at_or_add("loss") = 0.5;
    l.at_or_add("accuracy") = 0.25;
    l.at_or_add("loss") += 1;
    CHECK(l["loss"] == 1.5);
    CHECK(l["accuracy"] == 0.25);
    CHECK(l.size() == 2);
    CHECK(l.contains("loss"));
    CHECK_FALSE(l.contains("los"));
    std::string names;
    for (auto const& [name, value] : l)
        names += name + " ";
    CHECK(names == "loss accuracy ");
}

TEST_CASE("an unknown name is answered with those there are") {
    history h;
    auto const said = [&] {
        try {
            (void)h["val_loss"];
        } catch (value_error const& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    CHECK(said() == "no \"val_loss\" here; there are none");
    h.at_or_add("loss").push_back(1);
    h.at_or_add("accuracy").push_back(1);
    CHECK(said() == "no \"val_loss\" here; there are loss, accuracy");
}

TEST_CASE("defaults are Keras's") {
    CHECK(fit_options{}.epochs == 1);
    CHECK(fit_options{}.batch_size == 32);
    CHECK(fit_options{}.verbose == 1);
    CHECK(fit_options{}.shuffle);
    CHECK(fit_options{}.validation_split == 0);
    CHECK(evaluate_options{}.batch_size == 32);
}
