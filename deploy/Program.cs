using Amazon.CDK;
using ProductAspire.Deploy;

var app = new App();
_ = new ProductStack(app, Settings.From(app.Node));
app.Synth();
