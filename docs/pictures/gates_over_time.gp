# SPDX-License-Identifier: BSD-3-Clause
# Draws gates.txt, which docs/examples/gates_over_time.cpp prints, as gates_over_time.svg.
set terminal svg size 960,520 font "DejaVu Sans,13" background "#ffffff"
set output "gates_over_time.svg"
set encoding utf8
set xrange [0.5:40.48] # short of the last edge, where histeps falls to 0
set lmargin at screen 0.13
set rmargin at screen 0.90
set tics nomirror scale 0.6 textcolor rgb "#1f2933"
set border lc rgb "#94a3b8"
set multiplot

set tmargin at screen 0.90
set bmargin at screen 0.62
set yrange [-1.15:1.15]
set ytics (-1, 0, 1)
set format x ""
set key at screen 0.515, 0.965 center maxrows 1 samplen 2 width 2 Left reverse
set grid ytics lc rgb "#e2e8f0"
plot "gates.txt" using 1:4 every ::1 with histeps lw 6 lc rgb "#f2c27f" title "wanted", \
     "" using 1:5 every ::1 with histeps lw 1.6 lc rgb "#0f766e" title "the network says", \
     "" using 1:2 every ::1 with points pt 6 ps 0.5 lc rgb "#64748b" title "number", \
     "" using 1:($3 > 0.5 ? $2 : 1/0) every ::1 with points pt 7 ps 0.8 lc rgb "#b45309" title "marked number"

# One row of boxes a vector, coloured by value.
unset key
unset grid
unset border
set tics scale 0
set style fill solid noborder
set tmargin at screen 0.57
set bmargin at screen 0.34
set yrange [3.5:0.5]
set ytics ("input gate i" 1, "forget gate f" 2, "output gate o" 3)
set cbrange [0:1]
set cbtics (0, 1) textcolor rgb "#1f2933"
set palette defined (0 "#eef3f9", 0.5 "#7fb0de", 1 "#173f6b")
set colorbox user origin 0.92,0.355 size 0.014,0.20
plot "gates.txt" using 1:(1):(0.47):(0.42):6 every ::1 with boxxyerror fc palette, \
     "" using 1:(2):(0.47):(0.42):7 every ::1 with boxxyerror fc palette, \
     "" using 1:(3):(0.47):(0.42):9 every ::1 with boxxyerror fc palette

set palette defined (-1 "#b45309", 0 "#f4f4f2", 1 "#0f766e")
set yrange [1.5:0.5]
set tmargin at screen 0.315
set bmargin at screen 0.238
set ytics ("candidate g" 1)
set cbrange [-1:1]
set cbtics (-1, 1)
set colorbox user origin 0.92,0.245 size 0.014,0.063
plot "gates.txt" using 1:(1):(0.47):(0.42):8 every ::1 with boxxyerror fc palette

set tmargin at screen 0.21
set bmargin at screen 0.133
set ytics ("cell state c" 1)
set xtics 5
set format x "%g"
set xlabel "time step" offset 0,0.3
set cbrange [-0.3:0.3]
set cbtics (-0.3, 0.3)
set colorbox user origin 0.92,0.14 size 0.014,0.063
plot "gates.txt" using 1:(1):(0.47):(0.42):10 every ::1 with boxxyerror fc palette
unset multiplot
